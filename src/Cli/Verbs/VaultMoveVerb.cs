using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Client.Repository;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault move</c> and <c>halley vault split</c></summary>
internal static class VaultMoveVerb
{
    private static readonly Argument<string> NewName = new("NEW-NAME") { Description = "Name of the new vault" };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "The new place: a directory, https://HOST/vault/BUCKET/ or rest:https://NAME:KEY@HOST/PATH/",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Provider = new("--provider")
    {
        Description = "Request the new place from this provider",
        HelpName = "PROVIDER",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "move",
            "Move a vault to another place: copy, compare, and switch the profile. Its schedules stay, and so do the files at the old "
            + "place. A move that was interrupted goes on.",
            "halley vault move offsite --provider Germany", "halley vault move disk --to /mnt/newdisk/vault --retry-lock 2h")
        {
            VaultVerb.Name, To, Provider,
        };
        verb.OnRun((context, cancellationToken) => RunAsync(
            context, "moved",
            vault => $"The vault '{vault.Config.Description}' is at {vault.Place} now. The files at the old place are kept.",
            (work, id, target, how) => work.Move.MoveAsync(id, target, how, cancellationToken), cancellationToken));
        return verb;
    }

    public static Verb CreateSplit()
    {
        var verb = new Verb(
            "split",
            "Clone a vault into a second one with the same keys, so that some backups can be removed from each. This is no protection from "
            + "somebody who has the keys.",
            "halley vault split offsite photos --provider Offsite", "halley vault split disk disk2 --to /mnt/disk2/vault")
        {
            VaultVerb.Name, NewName, To, Provider,
        };
        verb.OnRun((context, cancellationToken) => RunAsync(
            context, "split",
            vault => $"The vault '{vault.Config.Description}' at {vault.Place} is a clone. Both are independent from now on.",
            (work, id, target, how) => work.Move.SplitAsync(id, context.Get(NewName)!, target, how, cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        VerbContext context, string action, Func<ProfileVault, string> message,
        Func<AccountWork, string, VaultTarget, VaultMoveWork, Task<ProfileVault>> run, CancellationToken cancellationToken)
    {
        var target = (context.Get(To), context.Get(Provider)) switch
        {
            ({ } address, null) => new VaultTarget(null, VaultAddVerb.ParsePlace(address)),
            (null, { } provider) => new VaultTarget(provider, null),
            _ => throw new CommandException("Where to? Give either --to ADDRESS or --provider PROVIDER."),
        };
        var vault = await AccountVaults.RunAsync(
            context,
            async work =>
            {
                var found = await work.FindAsync(context.Get(VaultVerb.Name)!, cancellationToken);
                return await work.WithRKeyAsync(
                    rKey => run(
                        work, found.Id, target,
                        new VaultMoveWork
                        {
                            RKey = rKey,
                            Options = new VaultOptions { Time = context.Time, Notice = context.Terminal.Warn },
                            LockAsync = (opened, token) => VaultAccess.LockAsync(context, opened, isExclusive: true, token),
                            Progress = new Copied(context),
                        }),
                    cancellationToken);
            });
        VaultVerb.Report(context, action, vault, message(vault));
        return ExitCode.Success;
    }

    // Not the base library's class, which would report after the work has ended.
    private sealed class Copied(VerbContext context) : IProgress<VaultFilesCopied>
    {
        private long _last = context.Time.GetTimestamp();

        public void Report(VaultFilesCopied value)
        {
            var last = Interlocked.Read(ref _last);
            if (context.Terminal.ProgressEvery is { } every && !context.Terminal.IsJson && context.Time.GetElapsedTime(last) >= every
                && Interlocked.CompareExchange(ref _last, context.Time.GetTimestamp(), last) == last)
            {
                context.Terminal.Show($"{Text.Count((ulong)value.Files, "file", "files")} copied, {Text.Bytes(value.Bytes)}");
            }
        }
    }
}
