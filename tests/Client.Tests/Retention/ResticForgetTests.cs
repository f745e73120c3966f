using System.Globalization;
using System.Text.Json;
using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Retention;
using Halley.Client.Tests.Repository;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Retention;

/// <summary>Rules keep what restic keeps, for its reasons, on random lists of snapshots.</summary>
public sealed class ResticForgetTests : IDisposable
{
    private static readonly string[] Hosts = ["alpha", "beta"];
    private static readonly string[][] PathSets = [["/home"], ["/home", "/etc"], ["/etc", "/home"], ["/var"]];
    private static readonly string[] Words = ["keep", "job", "monthly"];
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1, 160)]
    [InlineData(2, 400)]
    public async Task Random_rules_keep_what_restic_keeps(int seed, int days)
    {
        var random = new Random(seed);
        using var restic = new Restic(_directory["repository"], TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_directory["repository"]));
        await FillAsync(vault, random, days);
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        for (var round = 0; round < 12; round++)
        {
            var (rules, arguments) = RandomRules(random);
            var (grouping, group) = round % 4 == 3
                ? (SnapshotGrouping.Host | SnapshotGrouping.Tags, "host,tags")
                : (SnapshotGrouping.Host | SnapshotGrouping.Paths, "host,paths");
            var options = new RetentionOptions { Rules = rules, Grouping = grouping, MayRemoveAll = true };

            var plan = VaultRetention.Plan(snapshots, options, DateTimeOffset.UnixEpoch.AddDays(22_000));
            var run = await restic.RunAsync(["forget", "--dry-run", "--json", "--group-by", group, .. arguments]);

            var expected = JsonDocument.Parse(run.StandardOutput).RootElement.EnumerateArray().SelectMany(KeptBy).Order().ToList();
            var actual = plan.Groups.SelectMany(KeptBy).Order().ToList();
            Assert.True(
                expected.SequenceEqual(actual),
                $"{string.Join(' ', arguments)}, seed {seed}: only restic {string.Join("; ", expected.Except(actual).Take(5))}, "
                + $"only we {string.Join("; ", actual.Except(expected).Take(5))}");
            Assert.Equal(snapshots.Count, plan.Removed.Count + plan.Groups.Sum(found => found.Kept.Count));
        }
    }

    // Versions of restic since 0.16 also keep the oldest snapshot while a rule's count is not used up; the one of Debian 12 does not.
    private static IEnumerable<string> KeptBy(RetentionGroup group) => group.Kept
        .Select(kept => (kept.Snapshot.Id, Reasons: kept.Reasons.Where(reason => !reason.StartsWith("oldest", StringComparison.Ordinal))))
        .Where(kept => kept.Reasons.Any())
        .Select(kept => $"{kept.Id}: {string.Join(", ", kept.Reasons.Order(StringComparer.Ordinal))}");

    private static IEnumerable<string> KeptBy(JsonElement group) =>
        group.GetProperty("keep").ValueKind == JsonValueKind.Null
            ? []
            : group.GetProperty("keep").EnumerateArray().Zip(
                group.GetProperty("reasons").EnumerateArray(),
                (snapshot, reason) =>
                {
                    var matches = reason.GetProperty("matches").EnumerateArray().Select(match => match.GetString());
                    return $"{snapshot.GetProperty("id").GetString()}: {string.Join(", ", matches.Order(StringComparer.Ordinal))}";
                });

    private static (List<KeepRule> Rules, List<string> Arguments) RandomRules(Random random)
    {
        var (rules, arguments) = (new List<KeepRule>(), new List<string>());
        void Add(KeepRule rule, string name, object value)
        {
            rules.Add(rule);
            arguments.AddRange([$"--keep-{name}", string.Create(CultureInfo.InvariantCulture, $"{value}")]);
        }

        while (rules.Count == 0)
        {
            if (random.Next(4) == 0)
            {
                var count = random.Next(1, 6);
                Add(new KeepLast(count), "last", count);
            }

            foreach (var (period, name) in new[]
            {
                (KeepPeriod.Hour, "hourly"), (KeepPeriod.Day, "daily"), (KeepPeriod.Week, "weekly"), (KeepPeriod.Month, "monthly"),
                (KeepPeriod.Year, "yearly"),
            })
            {
                if (random.Next(3) == 0)
                {
                    var count = random.Next(1, 9);
                    Add(new KeepPeriodic(period, count), name, count);
                }

                if (random.Next(5) == 0)
                {
                    var duration = RandomDuration(random);
                    Add(new KeepPeriodicWithin(period, duration), $"within-{name}", duration);
                }
            }

            if (random.Next(4) == 0)
            {
                var duration = RandomDuration(random);
                Add(new KeepWithin(duration), "within", duration);
            }

            if (random.Next(4) == 0)
            {
                Add(new KeepTagged(["keep", "job"]), "tag", "keep,job");
            }
        }

        return (rules, arguments);
    }

    private static KeepDuration RandomDuration(Random random) =>
        new(random.Next(2), random.Next(3), random.Next(1, 40), random.Next(2) * random.Next(48));

    private static async Task FillAsync(Vault vault, Random random, int days)
    {
        var second = 1_700_000_000L; // 14 November 2023
        var end = second + (days * 86_400L);
        while (second < end)
        {
            second += random.Next(3) == 0 ? random.Next(60, 7_200) : random.Next(7_200, 400_000);
            var snapshot = new Snapshot
            {
                Time = new VaultTime(second, random.Next(1_000_000_000), (short)(random.Next(-4, 5) * 30)),
                Tree = Tree.Empty.Id,
                HostName = Hosts[random.Next(Hosts.Length)],
                Paths = PathSets[random.Next(PathSets.Length)],
                Tags = [.. Words.Where(_ => random.Next(2) == 0)],
            };
            await vault.Snapshots.SaveAsync(snapshot, CancellationToken.None);
        }
    }
}
