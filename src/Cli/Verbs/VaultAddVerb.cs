using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault add</c></summary>
internal static class VaultAddVerb
{
    private static readonly Argument<string> NewName = new("NAME") { Description = "Name of the vault in the account" };

    private static readonly Argument<string> Address = new("ADDRESS")
    {
        Description = "A directory, https://HOST/vault/BUCKET/ or rest:https://NAME:KEY@HOST/PATH/; its key also from HALLEY_REST_PASSWORD",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "add",
            "Add a vault at a place that you know to the account. A vault that is there keeps its data and passwords; otherwise one is "
            + "created.",
            "halley vault add disk /mnt/disk/vault", "halley vault add nas rest:https://nas.example.com/vault/",
            "halley vault add old https://backup.example.com/vault/BUCKET/ --password-file vault-password.txt")
        {
            NewName, Address,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var place = ParsePlace(context.Get(Address)!);
        Password? password = null;
        try
        {
            var vault = await AccountVaults.RunAsync(
                context,
                work => work.WithRKeyAsync(
                    rKey => work.Vaults.AddAsync(context.Get(NewName)!, place, AskAsync, rKey, cancellationToken), cancellationToken));
            VaultVerb.Report(context, "added", vault, $"Added the vault '{vault.Config.Description}' at {vault.Place}.");
            return ExitCode.Success;
        }
        finally
        {
            password?.Dispose();
        }

        async Task<ReadOnlyMemory<char>> AskAsync()
        {
            password = await Password.ReadAsync(
                context, new VaultAddress(place.Directory, place.Server, "", ""), isNew: false, cancellationToken);
            return password.Characters;
        }
    }

    /// <summary>A place as the user writes it.</summary>
    public static VaultPlace ParsePlace(string address) => AccountVaults.NameIn(address) is null
        ? VaultAddress.Parse(address).ToPlace()
        : throw new CommandException("This needs the address of a place, not of a vault of the account.");
}
