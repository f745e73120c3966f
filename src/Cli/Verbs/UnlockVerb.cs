using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Repository;

namespace Halley.Cli.Verbs;

/// <summary><c>halley unlock</c></summary>
internal static class UnlockVerb
{
    private static readonly Option<bool> RemoveAll = new("--remove-all")
    {
        Description = "Remove all locks, even those of running programs; make sure that no program uses the vault",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "unlock", "Remove stale locks that a crashed program left behind.", "halley unlock", "halley unlock --remove-all")
        {
            RemoveAll,
        };
        verb.OnVault(VaultUse.WithoutLock, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var removed = await vault.RemoveLocksAsync(context.Get(RemoveAll), cancellationToken);
        foreach (var entry in removed)
        {
            context.Terminal.Detail($"Removed the lock of {entry.Lock?.Owner ?? "an unknown program"}.");
        }

        var left = await vault.ListLocksAsync(cancellationToken);
        context.Terminal.Say($"Removed {Text.Count((ulong)removed.Count, "lock", "locks")}.");
        foreach (var entry in left)
        {
            context.Terminal.Say($"Kept the lock of {entry.Lock?.Owner ?? "an unknown program"}.");
        }

        return ExitCode.Success;
    }
}
