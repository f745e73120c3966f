using Halley.Storage.Tests.Faults;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Storage.Tests;

/// <summary>A disk that neither answers nor fails, such as one whose network has gone: it must not hold what does not need it.</summary>
public sealed class SilentVolumeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TestBlob There = TestBlob.Of(BlobType.Data, 1000, seed: 1);
    private static readonly TestBlob Away = TestBlob.Of(BlobType.Data, 1000, seed: 2);
    private static readonly TestBlob New = TestBlob.Of(BlobType.Data, 1000, seed: 3);
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _answers = new(initialState: true);
    private readonly VolumeRig _rig;

    public SilentVolumeTests()
    {
        _rig = new VolumeRig(2, time: _time);
        _rig.CopyIn(0, There.Name, There.Content);
        _rig.CopyIn(1, Away.Name, Away.Content);
        _rig.Hooks.Before = call =>
        {
            if (call.Path.StartsWith(_rig.Paths[1], StringComparison.Ordinal))
            {
                _answers.Wait();
            }
        };
    }

    public void Dispose()
    {
        _answers.Set();
        _rig.Dispose();
        _answers.Dispose();
    }

    [Fact]
    public async Task Silent_volume_counts_as_off_line_and_the_rest_is_served()
    {
        var volume = _rig.Set.All[1];
        _answers.Reset();
        var probe = volume.ProbeAsync(Patience, CancellationToken.None);
        _time.Advance(Patience);

        Assert.False(await probe);
        Assert.Contains("not answered for 10 seconds", volume.Problem, StringComparison.Ordinal);
        Assert.False(volume.Probe());
        Assert.Equal(There.Content, await There.ReadAsync(_rig.Bucket));
        Assert.Equal(PutOutcome.Stored, await New.PutAsync(_rig.Bucket));
        await Assert.ThrowsAsync<BlobStoreException>(() => Away.ReadAsync(_rig.Bucket));
        await Assert.ThrowsAsync<BlobStoreException>(() => TestBlob.ListAsync(_rig.Bucket, BlobType.Data));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await _rig.Bucket.DeleteAsync(There.Name, CancellationToken.None));
        Assert.Throws<BlobStoreException>(() => volume.ReadSpace());
    }

    [Fact]
    public async Task Silent_volume_is_asked_once_and_comes_back_when_it_answers()
    {
        var volume = _rig.Set.All[1];
        var asked = 0;
        _rig.Hooks.Before += call => asked += call.Path.StartsWith(_rig.Paths[1], StringComparison.Ordinal) ? 1 : 0;
        _answers.Reset();
        for (var i = 0; i < 3; i++)
        {
            var probe = volume.ProbeAsync(Patience, CancellationToken.None);
            _time.Advance(Patience);
            Assert.False(await probe);
        }

        Assert.Equal(0, asked); // the one that asks still waits
        _answers.Set();

        Assert.True(await volume.ProbeAsync(Patience, CancellationToken.None));
        Assert.Equal(Away.Content, await Away.ReadAsync(_rig.Bucket));
    }
}
