using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Keys;
using Halley.Client.Repository;

namespace Halley.Cli.Verbs;

/// <summary><c>halley init</c></summary>
internal static class InitVerb
{
    public static Verb Create()
    {
        var verb = new Verb(
            "init", "Create a new vault.",
            "halley -r https://backup.example.com/vault/BUCKET/ init", "halley -r vault:offsite init",
            "halley -r /mnt/disk/vault init --password-file ~/.vault-password");
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var name = AccountVaults.NameIn(VaultAccess.AddressTextOf(context));
        if (name is not null)
        {
            await AccountVaults.SetUpAsync(context, name, cancellationToken);
        }

        var address = await VaultAccess.AddressAsync(context, cancellationToken);
        using var opened = VaultAccess.OpenStore(context, address);
        await opened.PrepareAsync(cancellationToken);
        using var password = await Password.ReadAsync(context, address, isNew: true, cancellationToken);
        using var vault = await Vault.CreateAsync(
            opened.Store, password.Characters, name is null ? null : EKey.Parameters,
            VaultAccess.OptionsOf(context, opened, hasCache: true), cancellationToken);
        context.Terminal.Say($"Created vault {vault.Config.Id.ShortText} at {address}.");
        context.Terminal.Say(name is not null
            ? "Its key is in the profile of the account, sealed with a key of the account's password. Without the password, or the output "
                + "of `halley key export`, nobody can read the vault."
            : "Keep the password in a safe place. Without it, nobody can read the vault, and it cannot be recovered.");
        context.Terminal.Json(new Initialized(vault.Config.Id.ToString(), address.ToString()), MessageJson.Default.Initialized);
        return ExitCode.Success;
    }
}
