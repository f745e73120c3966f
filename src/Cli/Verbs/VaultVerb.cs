using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Client.Accounts;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault list|list-providers|request|add|rotate-key|move|split|remove</c></summary>
internal static class VaultVerb
{
    /// <summary>The vault that a verb is about.</summary>
    public static readonly Argument<string> Name = new("NAME") { Description = "Name or id of the vault" };

    public static Verb Create()
    {
        var list = new Verb("list", "List the vaults of the account.", "halley vault list", "halley vault list --json");
        list.OnRun(ListAsync);
        return new Verb("vault", "Manage the vaults of the account, which `-r vault:NAME` opens.")
        {
            list, VaultRequestVerb.CreateList(), VaultRequestVerb.Create(), VaultAddVerb.Create(), VaultRotateKeyVerb.Create(),
            VaultMoveVerb.Create(), VaultMoveVerb.CreateSplit(), VaultRemoveVerb.Create(),
        };
    }

    /// <summary>Tells people and programs what was done.</summary>
    public static void Report(VerbContext context, string action, ProfileVault vault, string message)
    {
        context.Terminal.Say(message);
        context.Terminal.Json(
            new VaultChanged(action, vault.Id, vault.Config.Description, vault.Place), MessageJson.Default.VaultChanged);
    }

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var vaults = await AccountVaults.ListAsync(context, cancellationToken);
        var table = new Table("Name", "Place", "State", "ID");
        foreach (var vault in vaults)
        {
            table.Add(
                vault.Config.Description, vault.Place,
                !vault.IsSupported ? "cannot be opened yet" : vault.IsSetUp ? "ready" : "not set up", vault.Id);
        }

        if (vaults.Count > 0)
        {
            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print(Text.CountOrHint(
            vaults.Count, "vault", "vaults",
            "Request one: halley vault list-providers. To use a place of your own: halley vault add NAME ADDRESS"));
        context.Terminal.Json(
            [.. vaults.Select(vault =>
                new VaultObject(vault.Id, vault.Config.Description, vault.Place, vault.IsSetUp, vault.IsSupported))],
            MessageJson.Default.IReadOnlyListVaultObject);
        return ExitCode.Success;
    }
}
