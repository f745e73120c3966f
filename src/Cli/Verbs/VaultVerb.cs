using Halley.Cli.Accounts;
using Halley.Cli.Output;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault list</c></summary>
internal static class VaultVerb
{
    public static Verb Create()
    {
        var list = new Verb("list", "List the vaults of the account.", "halley vault list", "halley vault list --json");
        list.OnRun(ListAsync);
        return new Verb("vault", "Show the vaults of the account, which `-r vault:NAME` opens.") { list };
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

        context.Terminal.Print(Text.Count((ulong)vaults.Count, "vault", "vaults"));
        context.Terminal.Json(
            [.. vaults.Select(vault =>
                new VaultObject(vault.Id, vault.Config.Description, vault.Place, vault.IsSetUp, vault.IsSupported))],
            MessageJson.Default.IReadOnlyListVaultObject);
        return ExitCode.Success;
    }
}
