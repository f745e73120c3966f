using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Testing;

namespace Halley.Storage.Tests.Faults;

/// <summary>Scrubs volumes of a rig, and damages files as bad disks do.</summary>
internal static class Scrubs
{
    /// <summary>Damage by a disk does not change a file's time, and what changed a moment ago is given time to settle.</summary>
    public static readonly DateTime LongAgo = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    /// <summary>Scrubs the parts of the bucket that matter to some files, or all.</summary>
    public static async Task<List<ScrubFinding>> RunAsync(
        VolumeRig rig, int volume, TimeSpan? duplicateAge = null, params IReadOnlyList<TestBlob> only)
    {
        var findings = new List<ScrubFinding>();
        var scrubber = New(rig, duplicateAge);
        var parts = only.Count == 0 ? ScrubPart.All : [.. only.Select(blob => ScrubPart.Of(blob.Name)).Distinct()];
        foreach (var part in parts)
        {
            findings.AddRange(
                (await scrubber.ScrubAsync(rig.Set.All[volume], VolumeRig.BucketId, part, null, CancellationToken.None)).Findings);
        }

        return findings;
    }

    public static VolumeScrubber New(VolumeRig rig, TimeSpan? duplicateAge = null) =>
        new(rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System, duplicateAge ?? TimeSpan.FromDays(1));

    /// <summary>Flips one bit of a file.</summary>
    public static void Corrupt(VolumeRig rig, int volume, BlobName name)
    {
        var path = rig.FileOn(volume, name);
        var content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 4;
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, LongAgo);
    }

    /// <summary>Files in quarantine, facts left out, with their paths below it.</summary>
    public static IReadOnlyList<string> Quarantined(VolumeRig rig, int volume) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(rig.Paths[volume], VolumeLayout.Quarantine), "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".json", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Path.Combine(rig.Paths[volume], VolumeLayout.Quarantine), path)),
    ];
}
