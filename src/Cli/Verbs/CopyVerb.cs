using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Copy;
using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Cli.Verbs;

/// <summary><c>halley copy</c></summary>
internal static class CopyVerb
{
    private static readonly Argument<string[]> Names = new("SNAPSHOT")
    {
        Description = "Snapshot ids or prefixes, or latest (default: all that match)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> From = new("--from-repo")
    {
        Description = "Address of the vault to copy from [HALLEY_FROM_REPOSITORY]",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> FromPasswordFile = new("--from-password-file")
    {
        Description = "File that holds the password of that vault [HALLEY_FROM_PASSWORD_FILE]",
        HelpName = "FILE",
    };

    private static readonly Option<string?> FromPasswordCommand = new("--from-password-command")
    {
        Description = "Program that prints the password of that vault [HALLEY_FROM_PASSWORD_COMMAND]",
        HelpName = "COMMAND",
    };

    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "copy", "Copy snapshots from another vault. A target vault that does not exist is created with the same chunker parameters.",
            "halley -r /mnt/disk/vault copy --from-repo https://backup.example.com/vault/BUCKET/",
            "halley copy --from-repo /mnt/old latest")
        {
            Names, From, FromPasswordFile, FromPasswordCommand,
        };
        Filter.AddTo(verb);
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var from = await VaultAccess.AddressAsync(
            context,
            context.Get(From) ?? Variables.Get("FROM_REPOSITORY")
            ?? throw new CommandException("From which vault? Give --from-repo ADDRESS or set HALLEY_FROM_REPOSITORY."),
            cancellationToken);
        using var opened = VaultAccess.OpenStore(context, from);
        await opened.RequireVaultAsync(cancellationToken);
        using var password = await Password.ReadOtherAsync(
            from, context.Get(FromPasswordFile), context.Get(FromPasswordCommand), $"Password of {from}", cancellationToken);
        var options = VaultAccess.OptionsOf(context, opened, hasCache: true);
        using var source = await Vault.OpenAsync(opened.Store, password.Characters, options, cancellationToken);
        await using var held = await VaultAccess.LockAsync(context, source, isExclusive: false, cancellationToken);
        await CreateTargetAsync(context, source, options, cancellationToken);
        return await VaultAccess.RunLockedAsync(
            context, isExclusive: false, hasCache: true,
            async (_, target, targetLock, token) =>
            {
                var all = await source.Snapshots.ListAsync(token);
                var snapshots = SnapshotSearch.FindAll(all, context.Get(Names) ?? [], Filter.FilterOf(context));
                var copied = await VaultCopy.RunAsync(source, target, targetLock, snapshots, snapshot => Report(context, snapshot), token);
                var fresh = copied.Count(snapshot => snapshot.IsNew);
                context.Terminal.Say($"Copied {Text.Count((ulong)fresh, "snapshot", "snapshots")}.");
                context.Terminal.Json(new CopySummary(fresh, copied.Count - fresh), MessageJson.Default.CopySummary);
                return ExitCode.Success;
            },
            cancellationToken);
    }

    private static async Task CreateTargetAsync(
        VerbContext context, Vault source, VaultOptions options, CancellationToken cancellationToken)
    {
        var name = AccountVaults.NameIn(VaultAccess.AddressTextOf(context));
        if (name is not null)
        {
            await AccountVaults.SetUpAsync(context, name, cancellationToken);
        }

        var address = await VaultAccess.AddressAsync(context, cancellationToken);
        using var target = VaultAccess.OpenStore(context, address);
        if (await target.Store.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            return;
        }

        await target.PrepareAsync(cancellationToken);
        using var password = await Password.ReadAsync(context, address, isNew: true, cancellationToken);
        using var vault = await VaultCopy.CreateTargetAsync(
            source, target.Store, password.Characters, name is null ? null : EKey.Parameters, options, cancellationToken);
        context.Terminal.Say($"Created vault {vault.Config.Id.ShortText} at {address}.");
        context.Terminal.Json(new Initialized($"{vault.Config.Id}", $"{address}"), MessageJson.Default.Initialized);
    }

    private static void Report(VerbContext context, CopiedSnapshot snapshot)
    {
        context.Terminal.Detail(snapshot.IsNew
            ? $"Copied snapshot {snapshot.Source.ShortText} as {snapshot.Target.ShortText}."
            : $"Snapshot {snapshot.Source.ShortText} already exists as {snapshot.Target.ShortText}.");
        context.Terminal.Json(
            new CopyItem(snapshot.IsNew ? "copied" : "unchanged", $"{snapshot.Source}", $"{snapshot.Target}"),
            MessageJson.Default.CopyItem);
    }
}
