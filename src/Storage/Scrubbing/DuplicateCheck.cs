using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Scrubbing;

/// <summary>
/// Removes one of two whole copies of a file on two volumes. The copy that came to its disk first goes: a person who copies files to
/// another disk deletes the originals afterwards, and must not delete the only copy. Both copies must have been on their disks for a while
/// before one is removed, so that a move by hand can be finished or undone.
/// </summary>
internal sealed class DuplicateCheck(VolumeSet volumes, FileCheck check, TimeSpan age)
{
    /// <summary>Compares a verified file with its copy on another volume; null when there is no finding.</summary>
    /// <exception cref="BlobStoreException">One of the two disks failed; both copies may still exist.</exception>
    public async ValueTask<ScrubFinding?> RunAsync(
        string bucketId, BlobName name, Volume here, CheckedFile file, Volume there, CancellationToken cancellationToken)
    {
        var at = there;
        try
        {
            var (ours, theirs) = (here.Bucket(bucketId), there.Bucket(bucketId));
            if (file.State is not { } state
                || theirs.State(name) is not { } found || (!IsOld(ours, state, theirs, found) && name.Type != BlobType.Config))
            {
                return null;
            }

            var other = await check.RunAsync(there, bucketId, name, cancellationToken);
            if (other is not { Outcome: CheckOutcome.Right, State: { } otherState })
            {
                return other.Finding;
            }

            if (other.Hash != file.Hash)
            {
                return new ScrubFinding(
                    FindingKind.ConfigConflict, here.Id, bucketId, name.ToString(), file.Length, null, file.Hash,
                    $"The volume at {there.Path} has another one.", null);
            }

            var isSameFile = state.Inode != 0 && state == otherState; // one disk that is seen under two paths
            if (isSameFile || !IsOld(ours, state, theirs, otherState))
            {
                return null;
            }

            var goes = state.Changed < otherState.Changed ? here : there;
            at = goes;
            return DeleteOne(bucketId, name, (ours, state), (theirs, otherState), goes == here)
                ? new ScrubFinding(
                    FindingKind.Duplicate, goes.Id, bucketId, name.ToString(), file.Length, null, file.Hash,
                    $"The volume at {(goes == here ? there : here).Path} has it, too.", null)
                : null;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw at.Explain(error);
        }
    }

    private bool IsOld(VaultDirectory ours, DiskEntry mine, VaultDirectory theirs, DiskEntry other) =>
        ours.Now() - mine.Changed >= age && theirs.Now() - other.Changed >= age;

    private bool DeleteOne(
        string bucketId, BlobName name, (VaultDirectory Vault, DiskEntry State) ours, (VaultDirectory Vault, DiskEntry State) theirs,
        bool isOurs)
    {
        var (goes, stays) = isOurs ? (ours, theirs) : (theirs, ours);
        lock (volumes.Gates.Of(bucketId, name))
        {
            if (ours.Vault.State(name) != ours.State || theirs.Vault.State(name) != theirs.State)
            {
                return false;
            }

            stays.Vault.EnsureDurable(name); // the copy may not have been flushed
            return goes.Vault.Delete(name) is not null;
        }
    }
}
