using Halley.Protocol;
using Halley.Server.StorageRole.Verification;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>Reports whether files of a bucket exist, and reads them again on request.</summary>
internal sealed class FileVerification(VolumeSet volumes, ScrubTimes times, FindingStore findings, ForegroundLoad load, TimeProvider time)
{
    /// <summary>Returns a result for each name, in the same order.</summary>
    /// <exception cref="BlobStoreException">A volume is offline or failed, so the result is unknown.</exception>
    public async Task<IReadOnlyList<VerifiedFile>> RunAsync(
        string bucketId, IReadOnlyList<BlobName> names, bool reread, CancellationToken cancellationToken)
    {
        var check = new FileCheck(volumes, new Pace(time, () => load.IsBusy), time);
        var known = await times.LoadBucketAsync(bucketId, cancellationToken);
        var answers = new List<VerifiedFile>(names.Count);
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            answers.Add(await RunAsync(check, bucketId, name, known, reread, cancellationToken));
        }

        return answers;
    }

    private async Task<VerifiedFile> RunAsync(
        FileCheck check, string bucketId, BlobName name, Dictionary<Guid, PartTimes> known, bool reread,
        CancellationToken cancellationToken)
    {
        var found = check.Locate(bucketId, name);
        var outcomes = new List<CheckOutcome>();
        foreach (var (volume, _) in reread ? found : [])
        {
            var file = await check.RunAsync(volume, bucketId, name, cancellationToken);
            outcomes.Add(file.Outcome);
            if (file.Finding is { } finding)
            {
                await findings.RecordAsync(finding, ScrubPart.Of(name).Index, cancellationToken);
            }
        }

        RereadResult? result = outcomes switch
        {
            [] => null,
            _ when outcomes.Contains(CheckOutcome.Right) => RereadResult.Right,
            _ when outcomes.Contains(CheckOutcome.Bad) => RereadResult.Bad,
            _ => RereadResult.Unsettled,
        };
        var now = result is RereadResult.Bad or RereadResult.Unsettled ? check.Locate(bucketId, name) : found;
        return new VerifiedFile(
            name.ToString(), now.Count > 0, now.Count > 0 ? now.Max(copy => copy.Length) : null, [.. now.Select(copy => copy.Volume.Id)],
            now.Count == 0 ? null : result == RereadResult.Right ? time.GetUtcNow().UtcDateTime : Oldest(now, name, known), result);
    }

    private static DateTime? Oldest(IReadOnlyList<(Volume Volume, long Length)> copies, BlobName name, Dictionary<Guid, PartTimes> known)
    {
        var verified = copies.Select(copy => known.GetValueOrDefault(copy.Volume.Id)?[ScrubPart.Of(name)]).ToList();
        return verified.Contains(null) ? null : verified.Min();
    }
}
