using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Scrubbing;

/// <summary>The result of a scrub of one part of a bucket.</summary>
/// <param name="Files">Number of files checked.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="IsComplete">False when a file could not be judged because another process was writing it.</param>
/// <param name="Findings">The faults.</param>
public sealed record ScrubbedPart(long Files, long Bytes, bool IsComplete, IReadOnlyList<ScrubFinding> Findings);

/// <summary>
/// Reads the files of a volume again, part by part of each bucket, while clients use them, and checks that each still matches its name. It
/// reads one file after another, in the order of their inodes within a folder. On a spinning disk that is roughly their physical order.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">The rate of reading.</param>
/// <param name="time">The clock.</param>
/// <param name="duplicateAge">How long a file must have been on two volumes before one copy is deleted.</param>
public sealed class VolumeScrubber(VolumeSet volumes, Pace pace, TimeProvider time, TimeSpan duplicateAge)
{
    /// <summary>When so many files in a row cannot be read, it is the disk and not the files.</summary>
    public const int MostUnreadableInARow = 10;

    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);
    private readonly FileCheck _check = new(volumes, pace, time);
    private readonly DuplicateCheck _duplicates = new(volumes, new FileCheck(volumes, pace, time), duplicateAge);
    private int _unreadable;

    /// <summary>Files and bytes of each part of a bucket, by its number.</summary>
    /// <exception cref="BlobStoreException">The volume is offline.</exception>
    public static IReadOnlyList<(long Files, long Bytes)> Measure(Volume volume, string bucketId, CancellationToken cancellationToken) =>
        volume.Try(() =>
    {
        var vault = volume.Bucket(bucketId);
        var sizes = new (long Files, long Bytes)[ScrubPart.All.Count];
        foreach (var part in ScrubPart.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                sizes[part.Index] = Measure(vault, part);
            }
            catch (Exception error) when (Errno.IsDiskError(error))
            {
                // Its scrub reports it, and the other parts are scrubbed.
                sizes[part.Index] = default;
            }
        }

        return sizes;
    });

    private static (long Files, long Bytes) Measure(VaultDirectory vault, ScrubPart part)
    {
        if (part.Type == BlobType.Config)
        {
            return vault.Length(BlobName.Config) is { } length ? (1, length) : default;
        }

        var (files, bytes) = (0L, 0L);
        foreach (var file in vault.Files(part.Type, part.Digits))
        {
            (files, bytes) = (files + 1, bytes + file.Length);
        }

        return (files, bytes);
    }

    /// <summary>Checks the entries beside the buckets, and deletes unfinished uploads that are more than a day old.</summary>
    public static IReadOnlyList<ScrubFinding> TidyUp(Volume volume) =>
    [
        .. SweepStaging(volume),
        .. volume.ListStrays().Select(name => new ScrubFinding(
            FindingKind.Stray, volume.Id, "", name, null, null, null, "It stands beside the folders of the buckets.", null)),
    ];

    private static IEnumerable<ScrubFinding> SweepStaging(Volume volume)
    {
        try
        {
            return volume.SweepStaging(LeftoverAge).Select(name => new ScrubFinding(
                FindingKind.Leftover, volume.Id, "", name, null, null, null, "An unfinished upload that was left behind.", null));
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            return
            [
                new ScrubFinding(
                    FindingKind.Unreadable, volume.Id, "", $"{StagingDirectory.Name}/", null, null, null,
                    Spanning.UnreadableFolder.ReasonOf(error), null),
            ];
        }
    }

    /// <summary>Checks a part of a bucket on a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="part">The part.</param>
    /// <param name="seen">Called for each file.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <exception cref="BlobStoreException">
    /// The volume is offline, or too much of it cannot be read. Files quarantined until then stay in quarantine.
    /// </exception>
    public async Task<ScrubbedPart> ScrubAsync(
        Volume volume, string bucketId, ScrubPart part, Action<CheckedFile>? seen, CancellationToken cancellationToken)
    {
        PartFolder folder;
        try
        {
            folder = volume.Try(() => PartFolder.Read(volume.Bucket(bucketId), part));
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            return new ScrubbedPart(0, 0, IsComplete: false, [UnreadableFolder(volume, bucketId, part, error)]);
        }

        var findings = folder.Strays.Select(stray => new ScrubFinding(
            FindingKind.Stray, volume.Id, bucketId, stray.Path, stray.Length, null, null, stray.Reason, null)).ToList();
        var others = CopiesElsewhere(volume, bucketId, part, folder.Files.Count > 0);
        long files = 0, bytes = 0;
        var isComplete = true;
        foreach (var name in folder.Files)
        {
            var file = await CheckAsync(volume, bucketId, name, cancellationToken);
            isComplete &= file.Outcome != CheckOutcome.Unsettled;
            files++;
            bytes += file.Length;
            seen?.Invoke(file);
            if (file.Finding is { } finding)
            {
                findings.Add(finding);
            }

            foreach (var (other, names) in file.Outcome == CheckOutcome.Right ? others : [])
            {
                if (names.Contains(name) && await TryCompareAsync(bucketId, name, volume, file, other, cancellationToken) is { } duplicate)
                {
                    findings.Add(duplicate);
                }
            }
        }

        return new ScrubbedPart(files, bytes, isComplete, findings);
    }

    // One folder must not hold up the others either, unless it is the whole disk that cannot be read.
    private ScrubFinding UnreadableFolder(Volume volume, string bucketId, ScrubPart part, BlobStoreException error)
    {
        if (!Spanning.UnreadableFolder.IsForbidden(error) && ++_unreadable >= MostUnreadableInARow)
        {
            throw TooMuchUnreadable(volume);
        }

        return ScrubFinding.Of(volume.Id, Spanning.UnreadableFolder.Of(bucketId, part.Type, part.Digits, error));
    }

    private BlobStoreException TooMuchUnreadable(Volume volume) => new(
        BlobStoreFault.DiskError,
        $"{_unreadable} files or folders in a row cannot be read. Check the disk of volume {volume.Id} before you resume the scrub.");

    private async ValueTask<CheckedFile> CheckAsync(Volume volume, string bucketId, BlobName name, CancellationToken cancellationToken)
    {
        var file = await TryCheckAsync(volume, bucketId, name, cancellationToken);
        _unreadable = file switch
        {
            { Outcome: CheckOutcome.Right } => 0,
            { Finding.Kind: FindingKind.Unreadable } => _unreadable + 1,
            _ => _unreadable,
        };
        return _unreadable < MostUnreadableInARow ? file : throw TooMuchUnreadable(volume);
    }

    // One file that cannot be checked, for any reason, must not hold up the others.
    private async ValueTask<CheckedFile> TryCheckAsync(Volume volume, string bucketId, BlobName name, CancellationToken cancellationToken)
    {
        try
        {
            return await _check.RunAsync(volume, bucketId, name, cancellationToken);
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            var reason = $"The disk reported: {error.InnerException?.Message ?? error.Message}";
            return new CheckedFile(CheckOutcome.Bad, 0, new ScrubFinding(
                FindingKind.Unreadable, volume.Id, bucketId, name.ToString(), null, name.Id.Length == 0 ? null : name.Id, null, reason,
                null));
        }
    }

    private async ValueTask<ScrubFinding?> TryCompareAsync(
        string bucketId, BlobName name, Volume volume, CheckedFile file, Volume other, CancellationToken cancellationToken)
    {
        try
        {
            return await _duplicates.RunAsync(bucketId, name, volume, file, other, cancellationToken);
        }
        catch (BlobStoreException)
        {
            return null; // if it is this volume that failed, the next file will tell; the other one has a scrub of its own
        }
    }

    private List<(Volume Volume, HashSet<BlobName> Names)> CopiesElsewhere(Volume volume, string bucketId, ScrubPart part, bool isNeeded)
    {
        var found = new List<(Volume Volume, HashSet<BlobName> Names)>();
        foreach (var other in isNeeded ? volumes.Current.Where(other => other.Id != volume.Id && other.Problem is null) : [])
        {
            try
            {
                found.Add((other, other.Try(() => PartFolder.Read(other.Bucket(bucketId), part).Files.ToHashSet())));
            }
            catch (BlobStoreException)
            {
                // That volume is gone or failing. Its own scrub reports its copies.
            }
        }

        return found;
    }
}
