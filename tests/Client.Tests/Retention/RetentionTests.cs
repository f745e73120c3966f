using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Retention;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Profiles;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Retention;

/// <summary>Which snapshots stay and why, and that deletion is of whole snapshots only.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<RetentionRange, string[]> Ranges => new()
    {
        { new() { Type = 900, Jobs = 2 }, ["2026-03-15T09", "2026-03-14T21"] },
        { new() { Type = 900, Jobs = 0 }, [] },
        { new() { Type = 901, Timestamp = new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() },
            ["2026-03-15T09", "2026-03-14T21", "2026-03-14T09"] },
        { new() { Type = 902, Days = 1 }, ["2026-03-15T09", "2026-03-14T21"] },
        { new() { Type = 902, Weeks = 1, Days = 1 },
            ["2026-03-15T09", "2026-03-14T21", "2026-03-14T09", "2026-03-09T09", "2026-03-08T09"] },
        { new() { Type = 902, Years = 1, Months = 3 },
            ["2026-03-15T09", "2026-03-14T21", "2026-03-14T09", "2026-03-09T09", "2026-03-08T09", "2026-02-28T09", "2026-01-31T09",
                "2026-01-02T09", "2025-03-01T09"] },
        { new() { Type = 903, Days = 7 }, ["2026-03-15T09", "2026-03-14T09", "2026-03-09T09"] },
        { new() { Type = 905, Months = 4, MonthOffset = 1 }, ["2026-03-08T09", "2026-02-28T09", "2026-01-02T09"] },
        { new() { Type = 905, Months = 4, MonthOffset = 31 }, ["2026-01-31T09", "2026-01-02T09"] }, // February has no 31st: nothing
        { new() { Type = 906, Weeks = 2, WeekOffset = 0 }, ["2026-03-15T09", "2026-03-08T09"] },
        { new() { Type = 906, Weeks = 2, WeekOffset = 1 }, ["2026-03-09T09", "2026-03-08T09"] },
        { new() { Type = 907, Jobs = 3 }, ["2026-03-15T09", "2026-03-14T21", "2026-03-09T09"] },
        { new() { Type = 908, Jobs = 2 }, ["2026-03-15T09", "2026-03-08T09"] },
        { new() { Type = 909, Jobs = 3 }, ["2026-03-15T09", "2026-02-28T09", "2026-01-31T09"] },
        { new() { Type = 910, Jobs = 9 }, ["2026-03-15T09", "2025-03-01T09", "2023-07-01T09"] },
        { new() { Type = 903, Days = long.MaxValue },
            ["2026-03-15T09", "2026-03-14T09", "2026-03-09T09", "2026-03-08T09", "2026-02-28T09", "2026-01-31T09", "2026-01-02T09",
                "2025-03-01T09", "2023-07-01T09"] },
        { new() { Type = 902, Weeks = long.MaxValue }, Times },
        { new() { Type = 911, Years = 2 }, ["2026-01-02T09", "2025-03-01T09"] },
        { new() { Type = 911, Years = 5, YearOffset = 61 }, ["2026-03-08T09", "2026-01-02T09", "2025-03-01T09", "2023-07-01T09"] },
    };

    private static readonly string[] Times =
    [
        "2026-03-15T09", "2026-03-14T21", "2026-03-14T09", "2026-03-09T09", "2026-03-08T09", "2026-02-28T09", "2026-01-31T09",
        "2026-01-02T09", "2025-03-01T09", "2023-07-01T09",
    ];

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Range_of_a_profile_keeps_these(RetentionRange range, string[] expected)
    {
        var rules = ProfileRetention.RulesOf(new() { Mode = RetentionPolicy.KeepRanges, Ranges = [range] })!;

        var plan = VaultRetention.Plan(Times.Select(Entry), new() { Rules = rules, MayRemoveAll = true }, Now);

        Assert.Equal(expected, plan.Groups.Single().Kept.Select(kept => kept.Snapshot.Snapshot.Time.ToString()[..13]));
        Assert.All(plan.Groups.Single().Kept, kept => Assert.NotEmpty(Assert.Single(kept.Reasons)));
        Assert.Equal(Times.Length - expected.Length, plan.Removed.Count);
    }

    [Fact]
    public void Ranges_add_up_and_each_says_its_reason()
    {
        var rules = ProfileRetention.RulesOf(new()
        {
            Mode = RetentionPolicy.KeepRanges,
            Ranges = [new() { Type = 900, Jobs = 1 }, new() { Type = 903, Days = 3 }, new() { Type = 910, Jobs = 2 }],
        })!;

        var kept = VaultRetention.Plan(Times.Select(Entry), new() { Rules = rules }, Now).Groups.Single().Kept;

        Assert.Equal(["last snapshot", "first of the day from 2026-03-15", "yearly snapshot"], kept[0].Reasons);
        Assert.Equal(["first of the day from 2026-03-14"], kept[1].Reasons);
        Assert.Equal(["yearly snapshot"], kept[2].Reasons);
    }

    [Fact]
    public void Policy_that_keeps_all_has_no_rules_and_an_unknown_range_removes_nothing()
    {
        Assert.Null(ProfileRetention.RulesOf(new() { Mode = RetentionPolicy.KeepAll, Ranges = [new() { Type = 900 }] }));
        Assert.Null(ProfileRetention.RulesOf(new()));
        foreach (var type in new[] { 904, 912 })
        {
            var policy = new RetentionPolicy { Mode = RetentionPolicy.KeepRanges, Ranges = [new() { Type = type }] };
            Assert.Equal(VaultFault.Unsupported, Assert.Throws<VaultException>(() => ProfileRetention.RulesOf(policy)).Fault);
        }
    }

    [Fact]
    public void Last_snapshots_of_a_group_go_only_when_told_so()
    {
        var none = new RetentionOptions { Rules = [new KeepTagged(["important"])] };

        Assert.Equal(VaultFault.Refused, Assert.Throws<VaultException>(() => VaultRetention.Plan(Times.Select(Entry), none, Now)).Fault);
        Assert.Equal(
            VaultFault.Refused,
            Assert.Throws<VaultException>(() => VaultRetention.Plan(Times.Select(Entry), none with { Rules = [] }, Now)).Fault);
        Assert.Equal(Times.Length, VaultRetention.Plan(Times.Select(Entry), none with { MayRemoveAll = true }, Now).Removed.Count);
    }

    [Fact]
    public void Oldest_snapshot_stays_while_a_count_is_not_used_up()
    {
        var entries = new[] { "2026-03-15T09", "2026-03-15T08", "2026-03-15T07" }.Select(Entry);

        var kept = VaultRetention.Plan(entries, new() { Rules = [new KeepPeriodic(KeepPeriod.Day, 2)] }, Now).Groups.Single().Kept;

        Assert.Equal([["daily snapshot"], ["oldest daily snapshot"]], kept.Select(snapshot => snapshot.Reasons));
    }

    [Fact]
    public void Days_are_those_of_the_clock_that_made_the_snapshot()
    {
        // 23:30 and 00:30 in Berlin; both on the same day of UTC.
        var entries = new[] { new VaultTime(1_773_527_400, 0, 60), new VaultTime(1_773_531_000, 0, 60) }
            .Select((time, number) => Entry(time, number)).ToList();
        var options = new RetentionOptions { Rules = [new KeepPeriodic(KeepPeriod.Day, 9, KeepsOldest: false)] };

        Assert.Equal(2, VaultRetention.Plan(entries, options, Now).Groups.Single().Kept.Count);
        var inUtc = entries.Select((entry, number) => Entry(entry.Snapshot.Time with { OffsetMinutes = 0 }, number));
        Assert.Single(VaultRetention.Plan(inUtc, options, Now).Groups.Single().Kept);
    }

    [Fact]
    public void Snapshots_of_the_future_do_not_make_the_others_old()
    {
        var entries = new[] { "2031-01-01T00", "2026-03-15T09", "2026-03-14T21", "2026-02-28T09" }.Select(Entry);
        var options = new RetentionOptions { Rules = [new KeepWithin(new KeepDuration(0, 0, 2, 0))] };

        Assert.Equal(3, VaultRetention.Plan(entries, options, Now).Groups.Single().Kept.Count);
    }

    [Theory]
    [InlineData("1y5m7d2h", "1y5m7d2h")]
    [InlineData("3d1y", "1y3d")]
    [InlineData("0h", "")]
    [InlineData("d", null)]
    [InlineData("5", null)]
    [InlineData("2w", null)]
    [InlineData("-1d", null)]
    [InlineData("", null)]
    public void Durations_are_read_as_restic_reads_them(string text, string? expected) =>
        Assert.Equal(expected, KeepDuration.TryParse(text, out var duration) ? duration.ToString() : null);

    [Fact]
    public void Month_that_is_too_short_runs_over_and_the_calendar_has_a_beginning()
    {
        var march = new DateTimeOffset(2026, 3, 31, 8, 0, 0, TimeSpan.FromHours(2));

        Assert.Equal(new DateTimeOffset(2026, 3, 3, 8, 0, 0, TimeSpan.FromHours(2)), new KeepDuration(0, 1, 0, 0).Before(march));
        Assert.Equal(new DateTimeOffset(2024, 2, 26, 22, 0, 0, TimeSpan.FromHours(2)), new KeepDuration(2, 1, 4, 10).Before(march));
        Assert.Equal(DateTimeOffset.MinValue, new KeepDuration(100_000, 0, 0, 0).Before(march));
        Assert.Equal(DateTimeOffset.MinValue, new KeepDuration(0, 0, 1_000_000, 0).Before(march));
    }

    [Fact]
    public async Task Forgetting_needs_the_vault_alone_and_goes_on_after_a_call_that_fails()
    {
        var inner = new MemoryBlobStore();
        var store = new FaultyBlobStore(inner);
        using var vault = await TestVault.CreateAsync(store);
        var ids = new List<BlobId>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await TestVault.BackUpAsync(vault, ("file", TestVault.Bytes(100, i))));
        }

        await using (var shared = (await vault.LockAsync(isExclusive: false, CancellationToken.None)).Lock!)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => VaultRetention.ForgetAsync(vault, shared, ids, CancellationToken.None));
        }

        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        store.FailCall(2);
        var first = await VaultRetention.ForgetAsync(vault, held, ids.Take(3), CancellationToken.None);
        Assert.Equal([ids[0], ids[2]], first.Deleted);
        Assert.Equal(ids[1], Assert.Single(first.Failures).Id);
        store.FailCall(0);
        Assert.Equal([ids[1], ids[3]], (await vault.Snapshots.ListAsync(CancellationToken.None)).Select(entry => entry.Id));
        await TestVault.ReadAllAsync(vault);

        var again = await VaultRetention.ForgetAsync(vault, held, ids.Take(3), CancellationToken.None);
        Assert.Equal([ids[1]], again.Deleted);
        Assert.Empty(again.Failures);
        Assert.Equal(ids[3], Assert.Single(await vault.Snapshots.ListAsync(CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Tags_change_and_the_first_name_of_a_snapshot_is_kept()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        var first = await TestVault.BackUpAsync(vault, ("file", [1]));
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;

        await ChangeAsync(new TagChange { Add = ["b", "a", "b"] });
        Assert.Equal(["b", "a"], (await OnlyAsync()).Snapshot.Tags);
        Assert.Empty(await ChangeAsync(new TagChange { Add = ["a"] }));
        await ChangeAsync(new TagChange { Set = ["c", "d"], Remove = ["c"] });

        Assert.Equal(["d"], (await OnlyAsync()).Snapshot.Tags);
        Assert.Equal(first, (await OnlyAsync()).Snapshot.Original);
        Assert.Single(await TestVault.ReadAllAsync(vault));

        async Task<SnapshotEntry> OnlyAsync() => Assert.Single(await vault.Snapshots.ListAsync(CancellationToken.None));
        async Task<IReadOnlyList<(BlobId, BlobId)>> ChangeAsync(TagChange change) =>
            await VaultTags.ChangeAsync(vault, held, [await OnlyAsync()], change, CancellationToken.None);
    }

    private static SnapshotEntry Entry(string hour, int number) =>
        Entry(VaultTime.Of(DateTimeOffset.Parse($"{hour}:00:00Z", System.Globalization.CultureInfo.InvariantCulture)), number);

    private static SnapshotEntry Entry(VaultTime time, int number) => new(
        BlobId.Of([(byte)number]), new Snapshot { Time = time, Tree = Tree.Empty.Id, HostName = "host", Paths = ["/home"] });
}
