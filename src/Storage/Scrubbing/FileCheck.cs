using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Scrubbing;

/// <summary>
/// Reads one file from the device and compares its content with its name. A file that is wrong twice, and did not change in between, goes
/// to quarantine. Clients then see it as absent, and devices store its data again.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="pace">The rate of reading.</param>
/// <param name="time">The clock.</param>
public sealed class FileCheck(VolumeSet volumes, Pace pace, TimeProvider time)
{
    /// <summary>A file written to within this time may be a copy that another process is making under its final name.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    /// <summary>For this long, a copy shorter than another one counts as in progress; readers do not see it.</summary>
    private static readonly TimeSpan LongestCopying = TimeSpan.FromDays(1);

    private readonly PacedHash _hash = new(pace, time);

    /// <summary>Checks a file on a volume.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or failed in another way than at this one file.</exception>
    public async ValueTask<CheckedFile> RunAsync(Volume volume, string bucketId, BlobName name, CancellationToken cancellationToken)
    {
        var vault = volume.Bucket(bucketId);
        try
        {
            var first = await ReadAsync(vault, name, cancellationToken);
            if (first.Outcome == CheckOutcome.Bad)
            {
                first = await ReadAgainAsync(vault, bucketId, name, first, cancellationToken);
            }

            if (first is { Outcome: CheckOutcome.Bad, Hash: null })
            {
                volume.EnsureReadable(); // one bad sector is a finding; a disk that reads nothing any more is none
            }

            var result = first.Outcome == CheckOutcome.Bad ? TakeAway(volume, vault, bucketId, name, first) : first;
            if (result.Outcome == CheckOutcome.Gone)
            {
                volume.EnsureOnline();
            }

            return result;
        }
        catch (BlobStoreException error) when (
            error.InnerException is { } cause && Errno.IsDiskError(cause) && error.Fault == BlobStoreFault.DiskError)
        {
            throw volume.Explain(cause);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw volume.Explain(error);
        }
    }

    /// <summary>The volumes that have a file; none only when it is certain that no volume has.</summary>
    /// <exception cref="BlobStoreException">That cannot be known.</exception>
    public IReadOnlyList<(Volume Volume, long Length)> Locate(string bucketId, BlobName name)
    {
        var shares = Array.ConvertAll(volumes.Current, volume => new VolumeShare(volume, volume.Bucket(bucketId)));
        var found = new List<(Volume Volume, long Length)>();
        for (var round = 0; round < VolumeShare.RoundsOver(shares) && found.Count == 0; round++)
        {
            foreach (var share in shares)
            {
                if (share.Volume.Problem is null && share.Length(name) is { } length)
                {
                    found.Add((share.Volume, length));
                }
            }
        }

        if (found.Count == 0)
        {
            VolumeShare.EnsureAllOnline(shares);
        }

        return found;
    }

    private async ValueTask<CheckedFile> ReadAgainAsync(
        VaultDirectory vault, string bucketId, BlobName name, CheckedFile first, CancellationToken cancellationToken)
    {
        var wait = first is { State: { } state, Hash: not null } ? Settling - (vault.Now() - state.Modified) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait < Settling ? wait : Settling, time, cancellationToken);
        }

        var second = await ReadAsync(vault, name, cancellationToken);
        var differs = second.State != first.State || second.Hash != first.Hash;
        return second.Outcome == CheckOutcome.Bad && (differs || IsInTheMaking(vault, bucketId, name, second))
            ? second with { Outcome = CheckOutcome.Unsettled }
            : second;
    }

    private async ValueTask<CheckedFile> ReadAsync(VaultDirectory vault, BlobName name, CancellationToken cancellationToken)
    {
        DiskEntry? before = null;
        try
        {
            before = vault.State(name);
            using var reader = vault.Open(name);
            if (before is not { } state || reader is null)
            {
                return new CheckedFile(CheckOutcome.Gone, 0);
            }

            reader.ForgetCached();
            var hash = Convert.ToHexStringLower(await _hash.RunAsync(reader.Length, reader.Read, null, counts: true, cancellationToken));
            reader.ForgetCached();
            var outcome = vault.State(name) != state ? CheckOutcome.Unsettled
                : name.Type == BlobType.Config || hash == name.Id ? CheckOutcome.Right
                : CheckOutcome.Bad;
            return new CheckedFile(outcome, reader.Length) { State = state, Hash = hash };
        }
        catch (BlobStoreException error) when (error.InnerException is EndOfStreamException)
        {
            return new CheckedFile(CheckOutcome.Unsettled, before?.Length ?? 0);
        }
        catch (Exception error) when (Errno.IsUnreadable(error.InnerException ?? error))
        {
            return new CheckedFile(CheckOutcome.Bad, before?.Length ?? 0) { State = before };
        }
    }

    private bool IsInTheMaking(VaultDirectory vault, string bucketId, BlobName name, CheckedFile file) =>
        file.State is { } state && vault.Now() - state.Modified < LongestCopying
            && volumes.Current.Any(other => LengthOn(other, bucketId, name) > state.Length);

    private static long? LengthOn(Volume volume, string bucketId, BlobName name)
    {
        try
        {
            return volume.Problem is null ? volume.Bucket(bucketId).Length(name) : null;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            return null;
        }
    }

    // Under the gate, no client can delete the file and upload it again between the last look and the removal. A config stays in
    // place: a client that finds none may create a new vault over the old one.
    private CheckedFile TakeAway(Volume volume, VaultDirectory vault, string bucketId, BlobName name, CheckedFile file)
    {
        var kind = file.Hash is null ? FindingKind.Unreadable : FindingKind.Corrupt;
        var reason = kind == FindingKind.Unreadable ? "The disk cannot read it." : "Its content is not what its name says.";
        string? keptAs = null;
        if (name.Type != BlobType.Config && file.State is { } state)
        {
            lock (volumes.Gates.Of(bucketId, name))
            {
                if (vault.State(name) != state)
                {
                    return file with { Outcome = CheckOutcome.Unsettled };
                }

                keptAs = vault.Quarantine(name, kind, state.Length, file.Hash, time.GetUtcNow().UtcDateTime, reason);
            }
        }

        var expected = name.Type == BlobType.Config ? null : name.Id;
        return file with
        {
            Finding = new ScrubFinding(kind, volume.Id, bucketId, name.ToString(), file.State?.Length, expected, file.Hash, reason, keptAs),
        };
    }
}
