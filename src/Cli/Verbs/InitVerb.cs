using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Repository;

namespace Halley.Cli.Verbs;

/// <summary><c>halley init</c></summary>
internal static class InitVerb
{
    public static Verb Create()
    {
        var verb = new Verb(
            "init", "Create a new vault.",
            "halley -r https://backup.example.com/vault/BUCKET/ init", "halley -r /mnt/disk/vault init --password-file ~/.vault-password");
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var address = VaultAccess.AddressOf(context);
        using var opened = VaultAccess.OpenStore(context, address);
        await opened.PrepareAsync(cancellationToken);
        using var password = await Password.ReadAsync(context, isNew: true, cancellationToken);
        using var vault = await Vault.CreateAsync(
            opened.Store, password.Characters, parameters: null, VaultAccess.OptionsOf(context, hasCache: true), cancellationToken);
        context.Terminal.Say($"Created vault {vault.Config.Id.ShortText} at {address}.");
        context.Terminal.Say(
            "Keep the password in a safe place. Without it, nobody can read the vault, and it cannot be recovered.");
        context.Terminal.Json(new Initialized(vault.Config.Id.ToString(), address.ToString()), MessageJson.Default.Initialized);
        return ExitCode.Success;
    }
}
