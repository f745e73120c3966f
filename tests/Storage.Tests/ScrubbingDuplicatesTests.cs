using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Storage.Tests.Faults;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>Files on two volumes: one is enough, but never none.</summary>
public sealed class ScrubbingDuplicatesTests
{
    private static readonly TestBlob Pack = TestBlob.Of(BlobType.Data, 5000, seed: 1);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, seed: 2);
    private static readonly TestBlob OtherConfig = TestBlob.Of(BlobType.Config, 155, seed: 3);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_two_whole_copies_the_one_that_was_there_first_is_deleted(int scrubbed)
    {
        using var rig = new VolumeRig(2);
        rig.CopyIn(0, Pack.Name, Pack.Content);
        await Eventually.HoldsAsync("the file system's clock, which moves in steps, moves on", TimeSpan.FromSeconds(5), () =>
        {
            rig.CopyIn(1, Pack.Name, Pack.Content);
            return File.GetLastWriteTimeUtc(rig.FileOn(1, Pack.Name)) > File.GetLastWriteTimeUtc(rig.FileOn(0, Pack.Name));
        });

        var finding = Assert.Single(await Scrubs.RunAsync(rig, scrubbed, TimeSpan.Zero, Pack));

        Assert.Equal((FindingKind.Duplicate, rig.Ids[0]), (finding.Kind, finding.VolumeId));
        Assert.Equal((false, true), (File.Exists(rig.FileOn(0, Pack.Name)), File.Exists(rig.FileOn(1, Pack.Name))));
    }

    [Fact]
    public async Task Copies_that_are_young_both_stay_because_somebody_may_be_moving_them()
    {
        using var rig = new VolumeRig(2);
        rig.CopyIn(0, Pack.Name, Pack.Content);
        rig.CopyIn(1, Pack.Name, Pack.Content);

        Assert.Empty(await Scrubs.RunAsync(rig, 0, TimeSpan.FromHours(1), Pack));
        Assert.True(File.Exists(rig.FileOn(0, Pack.Name)) && File.Exists(rig.FileOn(1, Pack.Name)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_a_whole_and_a_corrupt_copy_the_corrupt_one_goes_to_quarantine(int scrubbed)
    {
        using var rig = new VolumeRig(2);
        rig.CopyIn(0, Pack.Name, Pack.Content);
        rig.CopyIn(1, Pack.Name, Pack.Content);
        Scrubs.Corrupt(rig, 1, Pack.Name);

        var finding = Assert.Single(await Scrubs.RunAsync(rig, scrubbed, TimeSpan.Zero, Pack));

        Assert.Equal((FindingKind.Corrupt, rig.Ids[1]), (finding.Kind, finding.VolumeId));
        Assert.Equal(Pack.Content, await Pack.ReadAsync(rig.Bucket));
        Assert.Single(Scrubs.Quarantined(rig, 1));
    }

    [Fact]
    public async Task Configs_with_different_contents_are_reported_and_both_stay()
    {
        using var rig = new VolumeRig(2);
        rig.CopyIn(0, Config.Name, Config.Content);
        rig.CopyIn(1, Config.Name, OtherConfig.Content);

        var finding = Assert.Single(await Scrubs.RunAsync(rig, 0, TimeSpan.Zero, Config));

        Assert.Equal(FindingKind.ConfigConflict, finding.Kind);
        Assert.Equal(Config.Content, File.ReadAllBytes(rig.FileOn(0, Config.Name)));
        Assert.Equal(OtherConfig.Content, File.ReadAllBytes(rig.FileOn(1, Config.Name)));
    }
}
