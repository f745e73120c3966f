using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Storage.Tests;

/// <summary>Two servers never use one volume at once, and one alone never waits.</summary>
public sealed class VolumeLeaseTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly TemporaryDirectory _disk = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Second_server_is_refused_while_the_first_renews_and_is_told_who_has_the_volume()
    {
        using var first = Server(Guid.NewGuid(), "one");
        var volume = await AttachAsync(first);
        using var second = Server(Guid.NewGuid(), "two");
        var other = await AttachAsync(second);

        Assert.Null(volume.Problem);
        Assert.Contains("The server on one uses it", other.Problem, StringComparison.Ordinal);
        Assert.Contains("The server on one uses it", second.FindOtherOwner(_disk.Path), StringComparison.Ordinal);
        for (var minutes = 0; minutes < 10; minutes++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.True(await volume.ProbeAsync(Patience, default));
            Assert.False(await other.ProbeAsync(Patience, default));
        }
    }

    [Fact]
    public async Task Server_that_stopped_renewing_loses_the_volume_and_notices_it()
    {
        using var first = Server(Guid.NewGuid(), "one");
        var volume = await AttachAsync(first);
        using var second = Server(Guid.NewGuid(), "two");
        var other = await AttachAsync(second);

        _time.Advance(VolumeLease.Length);

        Assert.True(await other.ProbeAsync(Patience, default));
        Assert.False(await volume.ProbeAsync(Patience, default));
        Assert.Contains("The server on two uses it", volume.Problem, StringComparison.Ordinal);
        second.Dispose();
        Assert.True(await volume.ProbeAsync(Patience, default)); // released, so free at once
    }

    [Fact]
    public async Task Restart_after_a_kill_has_the_volume_at_once_but_two_processes_of_one_installation_never_both()
    {
        var server = Guid.NewGuid();
        var killed = Server(server, "one"); // never disposed of
        var before = await AttachAsync(killed);
        using var restarted = Server(server, "one");
        var after = await AttachAsync(restarted);

        Assert.Null(after.Problem);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(await before.ProbeAsync(Patience, default)); // a clone that is still alive
        Assert.True(await after.ProbeAsync(Patience, default));
    }

    [Fact]
    public async Task Volume_without_the_right_to_write_or_with_a_torn_lease_stays_online()
    {
        var server = Server(Guid.NewGuid(), "one");
        server.Mark(_disk.Path);
        await File.WriteAllTextAsync(_disk[VolumeLayout.Owner], "{\"server\":");

        Assert.Null((await AttachAsync(server)).Problem);

        Directory.Delete(_disk[StagingDirectory.Name]);
        await File.WriteAllTextAsync(_disk[StagingDirectory.Name], ""); // no lease can be written any more
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await server.All[0].ProbeAsync(Patience, default));
    }

    private VolumeSet Server(Guid id, string host)
    {
        var owner = new VolumeOwner(id, host);
        return new VolumeSet(new VolumeSettings(new VolumeReserve(0, 0), FlushPolicy.None, _time, () => owner), placementSeed: 1);
    }

    private Task<Volume> AttachAsync(VolumeSet server) =>
        server.AddAsync(server.Mark(_disk.Path), _disk.Path, isWritable: true, Patience, default);
}
