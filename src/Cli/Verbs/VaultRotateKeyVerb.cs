using System.CommandLine;
using Halley.Cli.Accounts;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault rotate-key</c></summary>
internal static class VaultRotateKeyVerb
{
    private const int UsualOverlap = 7;

    private static readonly Option<bool> Encryption = new("--encryption")
    {
        Description = "Change the key of the vault (E-key) instead of that of its bucket; no data is touched",
    };

    private static readonly Option<int?> Overlap = new("--overlap")
    {
        Description = $"Days for which the old key of the bucket still works, 0 to 365 (default: {UsualOverlap})",
        HelpName = "DAYS",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "rotate-key",
            "Give the bucket of a vault a new key. Other devices go on with the old one until they have read the profile. A change "
            + "that was interrupted is finished.",
            "halley vault rotate-key offsite", "halley vault rotate-key offsite --overlap 0",
            "halley vault rotate-key offsite --encryption")
        {
            VaultVerb.Name, Encryption, Overlap,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var days = context.Get(Overlap) ?? UsualOverlap;
        var vault = await AccountVaults.RunAsync(
            context,
            async work =>
            {
                var found = await work.FindAsync(context.Get(VaultVerb.Name)!, cancellationToken);
                return await work.WithRKeyAsync(
                    async rKey =>
                    {
                        await (context.Get(Encryption)
                            ? work.KeyChange.RotateVaultKeyAsync(found.Id, rKey, cancellationToken)
                            : work.KeyChange.RotateBucketKeyAsync(found.Id, days, rKey, cancellationToken));
                        return found;
                    },
                    cancellationToken);
            });
        VaultVerb.Report(
            context, "rotated", vault,
            context.Get(Encryption)
                ? $"The vault '{vault.Config.Description}' has a new key. Print `halley key export` again and keep it."
                : $"The bucket of '{vault.Config.Description}' has a new key. The old one ends {(days == 0 ? "now" : $"in {days} days")}.");
        return ExitCode.Success;
    }
}
