using System.Text.Json.Nodes;
using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Tests.Moving;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>What a scrub finds on a volume, and what it does about it.</summary>
public sealed class ScrubbingTests
{
    private static readonly TestBlob Pack = TestBlob.Of(BlobType.Data, 2_500_000, seed: 1);
    private static readonly TestBlob OtherPack = TestBlob.Of(BlobType.Data, 1000, seed: 2);
    private static readonly TestBlob Snapshot = TestBlob.Of(BlobType.Snapshots, 300, seed: 3);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, seed: 4);
    private static readonly TestBlob OtherConfig = TestBlob.Of(BlobType.Config, 155, seed: 5);

    [Fact]
    public async Task Files_that_are_right_are_read_whole_and_left_alone()
    {
        using var rig = await StartAsync();
        var seen = 0L;
        var scrubber = Scrubs.New(rig);
        var sizes = VolumeScrubber.Measure(rig.Set.All[0], VolumeRig.BucketId, CancellationToken.None);

        foreach (var part in ScrubPart.All)
        {
            var result =
                await scrubber.ScrubAsync(rig.Set.All[0], VolumeRig.BucketId, part, file => seen += file.Length, CancellationToken.None);
            Assert.True(result.IsComplete);
            Assert.Empty(result.Findings);
            Assert.Equal((result.Files, result.Bytes), sizes[part.Index]);
        }

        Assert.Equal(2_500_000 + 1000 + 300 + 155, seen);
        Assert.Equal(Pack.Content, await Pack.ReadAsync(rig.Bucket));
    }

    [Fact]
    public void Every_file_belongs_to_one_part()
    {
        Assert.Equal(262, ScrubPart.All.Count);
        Assert.Equal(ScrubPart.All.Count, ScrubPart.All.Select(part => (part.Type, part.Digits)).Distinct().Count());
        Assert.Equal($"data/{Pack.Name.Id[..2]}", ScrubPart.Of(Pack.Name).Folder);
        Assert.Equal(("snapshots", ""), (ScrubPart.Of(Snapshot.Name).Folder, ScrubPart.Of(Config.Name).Folder));
    }

    [Fact]
    public async Task Folder_that_cannot_be_read_is_a_finding_that_names_it_and_the_scrub_goes_on()
    {
        using var rig = await StartAsync();
        Scrubs.Corrupt(rig, 0, OtherPack.Name);
        var folder = $"data/{Pack.Name.Id[..2]}";
        rig.Hooks.Before = call => _ = call.Operation is nameof(DiskCalls.Names) or nameof(DiskCalls.Files)
            && call.Path.EndsWith(folder, StringComparison.Ordinal) ? throw new UnauthorizedAccessException() : 0;

        var sizes = VolumeScrubber.Measure(rig.Set.All[0], VolumeRig.BucketId, CancellationToken.None);
        var findings = await Scrubs.RunAsync(rig, 0);

        Assert.Equal(1000 + 300 + 155, sizes.Sum(part => part.Bytes));
        Assert.Equal(
            [(FindingKind.Corrupt, OtherPack.Name.ToString()), (FindingKind.Unreadable, $"{folder}/")],
            findings.Select(finding => (finding.Kind, finding.Path)).Order());
    }

    [Fact]
    public async Task Corrupt_file_goes_to_quarantine_with_its_facts_and_can_be_uploaded_again()
    {
        using var rig = await StartAsync();
        Scrubs.Corrupt(rig, 0, Pack.Name);

        var finding = Assert.Single(await Scrubs.RunAsync(rig, 0));

        Assert.Equal((FindingKind.Corrupt, rig.Ids[0], VolumeRig.BucketId, Pack.Name.ToString()),
            (finding.Kind, finding.VolumeId, finding.BucketId, finding.Path));
        Assert.Equal((2_500_000, Pack.Name.Id), (finding.Length, finding.ExpectedHash));
        Assert.Matches($"^bucket/data/{Pack.Name.Id}\\.[0-9]+$", finding.KeptAs);
        Assert.Equal(finding.KeptAs, Assert.Single(Scrubs.Quarantined(rig, 0)));
        var facts = JsonNode.Parse(File.ReadAllText(Path.Combine(rig.Paths[0], VolumeLayout.Quarantine, finding.KeptAs + ".json")))!;
        Assert.Equal(
            ("Corrupt", "bucket", finding.ActualHash), ((string?)facts["kind"], (string?)facts["bucket"], (string?)facts["actualHash"]));
        Assert.Equal(finding.KeptAs, Assert.Single(rig.Set.All[0].ListQuarantine()).KeptAs);
        Assert.Null(await rig.Bucket.FindAsync(Pack.Name, CancellationToken.None));
        Assert.Equal(PutOutcome.Stored, await Pack.PutAsync(rig.Bucket));
        Assert.Empty(await Scrubs.RunAsync(rig, 0));
    }

    [Fact]
    public async Task File_that_the_disk_cannot_read_goes_to_quarantine_and_the_rest_is_checked()
    {
        using var rig = await StartAsync();
        rig.Hooks.Before = call => FailReads(call, path => path == rig.FileOn(0, Pack.Name));

        var finding = Assert.Single(await Scrubs.RunAsync(rig, 0));

        Assert.Equal((FindingKind.Unreadable, Pack.Name.ToString(), null), (finding.Kind, finding.Path, finding.ActualHash));
        Assert.NotNull(finding.KeptAs);
        Assert.Null(await rig.Bucket.FindAsync(Pack.Name, CancellationToken.None));
    }

    [Fact]
    public async Task Error_that_passes_is_no_finding()
    {
        using var rig = await StartAsync();
        var failed = false;
        rig.Hooks.Before = call => FailReads(call, path => path == rig.FileOn(0, Pack.Name) && !failed && (failed = true));

        Assert.Empty(await Scrubs.RunAsync(rig, 0));
        Assert.True(failed);
    }

    [Fact]
    public async Task Disk_that_reads_nothing_any_more_ends_the_scrub_and_no_file_is_taken_away()
    {
        using var rig = await StartAsync();
        for (var seed = 100; seed < 115; seed++)
        {
            await TestBlob.Of(BlobType.Index, 100, seed).PutAsync(rig.Bucket);
        }

        rig.Hooks.Before = call => FailReads(call, path => path.StartsWith(rig.Paths[0], StringComparison.Ordinal));
        var error =
            await Assert.ThrowsAsync<BlobStoreException>(() => Scrubs.RunAsync(rig, 0, null, TestBlob.Of(BlobType.Index, 100, 100)));

        Assert.NotNull(error);
        Assert.Empty(Scrubs.Quarantined(rig, 0));
    }

    [Fact]
    public async Task Config_that_cannot_be_read_is_reported_and_stays()
    {
        using var rig = await StartAsync();
        rig.Hooks.Before = call => FailReads(call, path => path == rig.FileOn(0, Config.Name));

        var finding = Assert.Single(await Scrubs.RunAsync(rig, 0));

        Assert.Equal((FindingKind.Unreadable, "config", null), (finding.Kind, finding.Path, finding.KeptAs));
        Assert.Equal(PutOutcome.Conflict, await IgnoreHooksAsync(rig, () => OtherConfig.PutAsync(rig.Bucket)));
    }

    [Fact]
    public async Task Volume_without_its_marker_is_off_line_and_nothing_is_a_finding()
    {
        using var rig = await StartAsync();
        Directory.Move(rig.Paths[0], rig.Paths[0] + "-away");

        var error = await Assert.ThrowsAsync<BlobStoreException>(() => Scrubs.RunAsync(rig, 0));

        Assert.Equal(BlobStoreFault.Offline, error.Fault);
        Assert.False(Directory.Exists(rig.Paths[0]));
    }

    [Fact]
    public async Task What_is_no_file_of_a_vault_is_reported_and_stays()
    {
        using var rig = await StartAsync();
        var bucket = Path.Combine(rig.Paths[0], VolumeLayout.Buckets, VolumeRig.BucketId);
        string[] strays =
        [
            $"data/{OtherPack.Name.Id}", $"data/{Pack.Name.Id[..2]}/{new string('f', 64)}", $"index/{Pack.Name.Id.ToUpperInvariant()}",
            "snapshots/notes.txt", "readme",
        ];
        foreach (var stray in strays.Append($"index/.{Pack.Name.Id}.aB3xYz")) // the last one is a copy by rsync that is on its way
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(bucket, stray))!);
            File.WriteAllText(Path.Combine(bucket, stray), "x");
        }

        Directory.CreateDirectory(Path.Combine(bucket, "Data"));

        var findings = await Scrubs.RunAsync(rig, 0);

        Assert.All(findings, finding => Assert.Equal(FindingKind.Stray, finding.Kind));
        Assert.Equal(
            strays.Append("Data/").Order(StringComparer.Ordinal), findings.Select(finding => finding.Path).Order(StringComparer.Ordinal));
        Assert.All(strays, stray => Assert.True(File.Exists(Path.Combine(bucket, stray))));
    }

    [Fact]
    public async Task Unfinished_upload_is_deleted_after_a_day_unless_it_goes_on()
    {
        using var rig = await StartAsync();
        var staging = Path.Combine(rig.Paths[0], StagingDirectory.Name);
        var (old, fresh, locked) = (Path.Combine(staging, "old"), Path.Combine(staging, "fresh"), Path.Combine(staging, "locked"));
        File.WriteAllText(old, "x");
        File.WriteAllText(fresh, "x");
        File.SetLastWriteTimeUtc(old, Scrubs.LongAgo);
        using var file = DiskCalls.Real.CreateNew(locked);
        File.SetLastWriteTimeUtc(locked, Scrubs.LongAgo);

        var finding = Assert.Single(VolumeScrubber.TidyUp(rig.Set.All[0]));

        Assert.Equal((FindingKind.Leftover, "old"), (finding.Kind, finding.Path));
        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(fresh), File.Exists(locked)));
    }

    [Fact]
    public async Task Copy_that_is_being_made_is_no_finding()
    {
        using var rig = await StartAsync(volumes: 2);
        var source = File.Exists(rig.FileOn(0, Pack.Name)) ? 0 : 1;
        rig.CopyIn(1 - source, Pack.Name, Pack.Content.AsSpan(0, 1_000_000));
        var path = rig.FileOn(1 - source, Pack.Name);
        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddMinutes(-5)); // a slow one

        Assert.Empty(await Scrubs.RunAsync(rig, 1 - source));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Corrupt_source_of_a_move_goes_to_quarantine()
    {
        using var rig = await StartAsync(volumes: 2);
        var source = File.Exists(rig.FileOn(0, Pack.Name)) ? 0 : 1;
        Scrubs.Corrupt(rig, source, Pack.Name);
        var mover = new BlobMover(rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System);

        var outcome = await mover.MoveAsync(
            new VolumeFile(VolumeRig.BucketId, Pack.Name, Pack.Content.Length), rig.Set.All[source], rig.Set.All[1 - source]);

        Assert.Equal(MoveOutcome.Corrupt, outcome);
        Assert.Equal("Corrupt", Assert.Single(rig.Set.All[source].ListQuarantine()).Facts.Kind.ToString());
        Assert.Null(await rig.Bucket.FindAsync(Pack.Name, CancellationToken.None));
        Assert.Empty(rig.Staged());
    }

    private static async Task<VolumeRig> StartAsync(int volumes = 1)
    {
        var rig = new VolumeRig(volumes);
        foreach (var blob in new[] { Pack, OtherPack, Snapshot, Config })
        {
            Assert.Equal(PutOutcome.Stored, await blob.PutAsync(rig.Bucket));
        }

        return rig;
    }

    private static async Task<PutOutcome> IgnoreHooksAsync(VolumeRig rig, Func<Task<PutOutcome>> action)
    {
        rig.Hooks.Before = null;
        return await action();
    }

    private static void FailReads(DiskCall call, Func<string, bool> isBad)
    {
        if (call.Operation == nameof(DiskCalls.Read) && isBad(call.Path))
        {
            throw new IOException("Input/output error", Errno.IOError);
        }
    }
}
