using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Repository.Caching;

namespace Halley.Cli.Verbs;

/// <summary><c>halley cache</c></summary>
internal static class CacheVerb
{
    private const int DaysUnlessSet = 30;

    private static readonly Option<bool> CleanUp = new("--cleanup") { Description = "Delete caches that have not been used for a while" };

    private static readonly Option<int?> MaxAge = new("--max-age")
    {
        Description = $"Days without use after which a cache is old (default: {DaysUnlessSet})",
        HelpName = "DAYS",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "cache", "List the local caches, or delete old ones.",
            "halley cache", "halley cache --cleanup --max-age 7")
        {
            CleanUp, MaxAge,
        };
        verb.OnRun((context, _) => Task.FromResult(Run(context)));
        return verb;
    }

    private static int Run(VerbContext context)
    {
        var directory = VaultAccess.CacheDirectoryOf(context);
        var vaults = KeptVault.List(new MetadataCacheOptions(directory));
        var oldest = context.Time.GetUtcNow() - TimeSpan.FromDays(context.Get(MaxAge) ?? DaysUnlessSet);
        var old = vaults.Where(vault => vault.LastUse < oldest).ToHashSet();
        if (context.Get(CleanUp))
        {
            foreach (var vault in old)
            {
                vault.Delete();
                context.Terminal.Detail($"Deleted the cache of vault {vault.Vault.ShortText}, {Text.Bytes(vault.Length)}.");
            }

            context.Terminal.Say($"Deleted the copies of {Text.Count((ulong)old.Count, "vault", "vaults")} from {directory}.");
            return ExitCode.Success;
        }

        var table = new Table("Vault", "Last used", "Old", "Size");
        foreach (var vault in vaults)
        {
            var age = old.Contains(vault) ? "yes" : "";
            table.Add(vault.Vault.ShortText, $"{vault.LastUse.ToLocalTime():yyyy-MM-dd HH:mm}", age, Text.Bytes(vault.Length));
        }

        if (vaults.Count > 0)
        {
            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print($"{Text.Count((ulong)vaults.Count, "vault", "vaults")} in {directory}");
        return ExitCode.Success;
    }
}
