using System.Globalization;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Storage;
using Halley.Storage.Memory;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Repository;

public sealed class VaultLockTests : IDisposable
{
    private static readonly TimeSpan ListingDelay = TimeSpan.FromMilliseconds(200);

    private readonly MemoryBlobStore _store = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Vault> _vaults = [];

    public void Dispose() => _vaults.ForEach(vault => vault.Dispose());

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public async Task Exclusive_lock_is_alone_and_others_share(bool first, bool second, bool isGiven)
    {
        var (one, two) = (await OpenAsync(), await OpenAsync("other"));
        await using var held = (await LockAsync(one, first)).Lock;
        Assert.NotNull(held);

        var outcome = await LockAsync(two, second);

        Assert.Equal(isGiven, outcome.Lock is not null);
        Assert.Equal(isGiven ? 0 : 1, outcome.Conflicts.Count);
        Assert.Equal(isGiven ? 2 : 1, (await TestVault.NamesAsync(_store, BlobType.Locks)).Count);
        if (outcome.Lock is not null)
        {
            await outcome.Lock.DisposeAsync();
        }
    }

    [Fact]
    public async Task Lock_that_is_given_back_leaves_nothing()
    {
        var vault = await OpenAsync();
        await (await LockAsync(vault, true)).Lock!.DisposeAsync();

        Assert.Empty(await TestVault.NamesAsync(_store, BlobType.Locks));
        await using var next = (await LockAsync(vault, true)).Lock;
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Two_that_lock_at_the_same_moment_never_both_get_it()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync("other"));
        var first = one.LockAsync(true, CancellationToken.None).AsTask();
        var second = two.LockAsync(true, CancellationToken.None).AsTask();
        _time.Advance(ListingDelay);

        Assert.True((await first).Lock is null || (await second).Lock is null);
        Assert.True((await TestVault.NamesAsync(_store, BlobType.Locks)).Count <= 1);
    }

    [Fact]
    public async Task Lock_is_refreshed_every_five_minutes_and_stays_one_file()
    {
        var vault = await OpenAsync();
        await using var held = (await LockAsync(vault, true)).Lock;
        var other = await OpenAsync("other");
        for (var i = 0; i < 12; i++)
        {
            var before = await TestVault.NamesAsync(_store, BlobType.Locks);
            _time.Advance(TimeSpan.FromMinutes(5));
            await Eventually.HoldsAsync(
                "the lock is refreshed", TimeSpan.FromMinutes(1),
                async () => await TestVault.NamesAsync(_store, BlobType.Locks) is [var name] && name != before[0]);
        }

        Assert.NotEmpty((await LockAsync(other, false)).Conflicts);
        Assert.False(held!.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(31, true)]
    public async Task Lock_of_another_host_is_removed_after_half_an_hour_without_refresh_with_a_notice(int minutes, bool isRemoved)
    {
        await PutLockAsync(new LockFile(VaultTime.Now(_time), true, "far away", "someone", 1));
        _time.Advance(TimeSpan.FromMinutes(minutes));
        var notices = new List<string>();
        var vault = await OpenAsync(notice: notices.Add);

        var outcome = await LockAsync(vault, true);

        Assert.Equal(isRemoved, outcome.Lock is not null);
        Assert.Equal(isRemoved ? 1 : 0, notices.Count(notice => notice.Contains("far away", StringComparison.Ordinal)));
        await ReleaseAsync(outcome);
    }

    [Fact]
    public async Task Lock_of_a_process_of_this_host_that_has_ended_is_removed_at_once()
    {
        var ended = await ExternalProgram.RunAsync("/bin/sh", ["-c", "echo $$"]);
        var processId = int.Parse(ended.StandardOutput.Trim(), CultureInfo.InvariantCulture);
        await PutLockAsync(new LockFile(VaultTime.Now(_time), true, "host", "someone", processId));

        var outcome = await LockAsync(await OpenAsync("host"), false);

        Assert.NotNull(outcome.Lock);
        await ReleaseAsync(outcome);
    }

    [Fact]
    public async Task Lock_of_a_process_of_this_host_that_runs_is_respected()
    {
        await PutLockAsync(new LockFile(VaultTime.Now(_time), true, "host", "someone", Environment.ProcessId));

        var outcome = await LockAsync(await OpenAsync("host"), false);

        Assert.Equal(Environment.ProcessId, Assert.Single(outcome.Conflicts).Lock!.ProcessId);
    }

    [Fact]
    public async Task Lock_that_cannot_be_read_is_in_the_way_and_an_empty_file_is_not()
    {
        var vault = await OpenAsync();
        await TestBlob.Of(BlobType.Locks, []).PutAsync(_store);
        await ReleaseAsync(await LockAsync(vault, true));
        await TestBlob.Of(BlobType.Locks, [1, 2, 3]).PutAsync(_store);

        Assert.Null(Assert.Single((await LockAsync(vault, false)).Conflicts).Lock);
    }

    [Fact]
    public async Task Machine_that_slept_goes_on_when_its_lock_is_still_there()
    {
        var vault = await OpenAsync(time: new ImpatientClock(_time));
        await using var held = (await vault.LockAsync(false, CancellationToken.None)).Lock;
        _time.Advance(TimeSpan.FromHours(5));

        await TestVault.BackUpAsync(vault, ("file", [1]));

        Assert.False(held!.Lost.IsCancellationRequested);
        Assert.Single(await TestVault.NamesAsync(_store, BlobType.Locks));
    }

    [Fact]
    public async Task Machine_that_slept_stops_when_its_lock_was_removed()
    {
        var vault = await OpenAsync(time: new ImpatientClock(_time));
        await using var held = (await vault.LockAsync(false, CancellationToken.None)).Lock;
        foreach (var id in await TestVault.NamesAsync(_store, BlobType.Locks))
        {
            await _store.DeleteAsync(BlobName.Of(BlobType.Locks, id), CancellationToken.None);
        }

        _time.Advance(TimeSpan.FromHours(5));

        Assert.Equal(VaultFault.LockLost, await TestVault.FaultOfAsync(() => TestVault.BackUpAsync(vault, ("file", [1]))));
        Assert.True(held!.Lost.IsCancellationRequested);
        Assert.Empty(await TestVault.NamesAsync(_store, BlobType.Data));
        Assert.Empty(await TestVault.NamesAsync(_store, BlobType.Snapshots));
    }

    private async Task<Vault> OpenAsync(string host = "host", Action<string>? notice = null, TimeProvider? time = null)
    {
        var options = new VaultOptions { Time = time ?? _time, HostName = host, UserName = "user", Notice = notice };
        var vault = await _store.FindAsync(BlobName.Config, CancellationToken.None) is null
            ? await TestVault.CreateAsync(_store, options)
            : await TestVault.OpenAsync(_store, options);
        _vaults.Add(vault);
        return vault;
    }

    private async Task<LockOutcome> LockAsync(Vault vault, bool isExclusive)
    {
        var task = vault.LockAsync(isExclusive, CancellationToken.None).AsTask(); // runs as far as the delay: a store in memory never waits
        _time.Advance(ListingDelay);
        return await task;
    }

    private static async Task ReleaseAsync(LockOutcome outcome)
    {
        if (outcome.Lock is not null)
        {
            await outcome.Lock.DisposeAsync();
        }
    }

    private async Task PutLockAsync(LockFile file)
    {
        var vault = await OpenAsync();
        using var encoder = vault.CreateEncoder();
        await TestBlob.Of(BlobType.Locks, encoder.EncodeFile(file.ToJson().Span).ToArray()).PutAsync(_store);
    }
}
