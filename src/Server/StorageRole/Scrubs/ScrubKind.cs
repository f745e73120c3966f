using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Verification;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>The request for a scrub.</summary>
/// <param name="Since">Parts that were verified after this UTC time are not read again.</param>
/// <param name="Deadline">UTC time by which it must finish, which determines its rate; null for no limit.</param>
internal sealed record ScrubParameters(DateTime Since, DateTime? Deadline);

/// <summary>
/// Reads every file of a volume again. The parts not verified since the request are the remaining work, so the task can be stopped and
/// started at any moment, and reads at most one part twice.
/// </summary>
internal sealed class ScrubKind(
    VolumeSet volumes, ScrubTimes times, FindingStore findings, BucketMeasuringWork measuring, StorageOptions options,
    TimeProvider time) : TaskKind
{
    public const string Word = "scrub";

    private const int MostLines = 100;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(run.Subject, out var id) || volumes.Find(id) is not { } volume)
        {
            throw new TaskFailedException("The volume is no longer in service. Cancel this task.");
        }

        var request = run.Parameters<ScrubParameters>();
        var scrubber = new VolumeScrubber(volumes, run.Pace, time, TimeSpan.FromHours(options.ScrubDuplicateHours));
        var beside = await Task.Run(() => CheckBeside(volume, cancellationToken), cancellationToken);
        await findings.RecordAsync(id, "", FindingStore.Beside, beside, cancellationToken);
        Report(run, beside);
        var buckets = await Task.Run(volume.ListBuckets, cancellationToken);
        var known = await times.LoadAsync(id, cancellationToken);
        await times.ForgetAsync(id, known.Keys.Except(buckets), cancellationToken);
        var work = await Task.Run(
            () => buckets.Select(bucket => Plan(volume, bucket, known.GetValueOrDefault(bucket), request, cancellationToken)).ToList(),
            cancellationToken);
        var left = work.Sum(bucket => bucket.Bytes);
        run.ExpectMore(work.Sum(bucket => bucket.Files), left);
        var rate = new ScrubRate(run.Pace, request.Deadline, time);
        var open = await findings.OpenPartsAsync(id, cancellationToken);
        foreach (var bucket in work)
        {
            left = await ScrubAsync(new(run, volume, scrubber, rate, open), bucket, left, cancellationToken);
        }

        await MeasureAsync(run, buckets, cancellationToken);
        run.Log(run.FilesDone == 1 ? "1 file was read." : $"{run.FilesDone} files were read.");
    }

    // The content of deleted files is checked when they are restored; here only that they can be listed.
    private static List<ScrubFinding> CheckBeside(Volume volume, CancellationToken cancellationToken)
    {
        var findings = VolumeScrubber.TidyUp(volume).ToList();
        foreach (var _ in new VolumeTrash(volume).Files(found => findings.Add(FindingStore.FindingOf(volume.Id, found))))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return findings;
    }

    private static BucketWork Plan(
        Volume volume, string bucketId, PartTimes? known, ScrubParameters request, CancellationToken cancellationToken)
    {
        var sizes = VolumeScrubber.Measure(volume, bucketId, cancellationToken);
        var bucketTimes = known ?? new PartTimes(null);
        var due = ScrubPart.All.Where(part => bucketTimes[part] is not { } last || last < request.Since).ToList();
        return new BucketWork(
            bucketId, bucketTimes, due, due.Sum(part => sizes[part.Index].Files), due.Sum(part => sizes[part.Index].Bytes));
    }

    private async Task<long> ScrubAsync(VolumeWork work, BucketWork bucket, long bytesLeft, CancellationToken cancellationToken)
    {
        var (run, volume, scrubber, rate, open) = work;
        var savedAt = time.GetTimestamp();
        try
        {
            foreach (var part in bucket.Due)
            {
                if (volumes.Find(volume.Id) != volume)
                {
                    throw new TaskFailedException(
                        "The volume was taken out of service, or its path was changed. Resume this task or cancel it.");
                }

                rate.Adjust(bytesLeft);
                var began = time.GetUtcNow().UtcDateTime;
                var result = await scrubber.ScrubAsync(volume, bucket.Id, part, file => run.Done(1, file.Length), cancellationToken);
                if (result.Findings.Count > 0 || open.Contains((bucket.Id, part.Index)))
                {
                    await findings.RecordAsync(volume.Id, bucket.Id, part.Index, result.Findings, cancellationToken);
                    Report(run, result.Findings);
                }

                bucket.Times[part] = result.IsComplete ? began : bucket.Times[part];
                bytesLeft = Math.Max(0, bytesLeft - result.Bytes);
                if (time.GetElapsedTime(savedAt) > SaveEvery)
                {
                    await times.SaveAsync(volume.Id, bucket.Id, bucket.Times, cancellationToken);
                    savedAt = time.GetTimestamp();
                }
            }
        }
        finally
        {
            await times.SaveAsync(volume.Id, bucket.Id, bucket.Times, CancellationToken.None);
        }

        return bytesLeft;
    }

    private static void Report(TaskRun run, IReadOnlyList<ScrubFinding> found)
    {
        foreach (var finding in found.Take(MostLines))
        {
            run.Log($"{finding.Kind}: {finding.BucketId}{(finding.BucketId.Length == 0 ? "" : "/")}{finding.Path} ({finding.Reason})");
        }

        if (found.Count > MostLines)
        {
            run.Log($"{found.Count - MostLines} more in the same folder.");
        }
    }

    // Walks all volumes of each bucket, which corrects the sizes after files were copied by hand.
    private async Task MeasureAsync(TaskRun run, IReadOnlyList<string> buckets, CancellationToken cancellationToken)
    {
        foreach (var bucket in buckets)
        {
            try
            {
                await measuring.MeasureAsync(bucket, cancellationToken);
            }
            catch (BlobStoreException error)
            {
                run.Log($"The size of bucket {bucket} was not measured: {error.Message}");
            }
        }
    }

    private sealed record VolumeWork(
        TaskRun Run, Volume Volume, VolumeScrubber Scrubber, ScrubRate Rate, HashSet<(string BucketId, int Part)> Open);

    private sealed record BucketWork(string Id, PartTimes Times, IReadOnlyList<ScrubPart> Due, long Files, long Bytes);
}

/// <summary>
/// How fast a scrub must read to finish in time: the remaining bytes by the remaining time. It does not change a limit that an
/// administrator sets for the task.
/// </summary>
internal sealed class ScrubRate(Pace pace, DateTime? deadline, TimeProvider time)
{
    private const double Margin = 1.1;
    private const long Slowest = 1 << 20;
    private static readonly TimeSpan TooLate = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long? _derived;

    /// <summary>Sets the rate for the rest of the scrub.</summary>
    /// <param name="bytesLeft">Bytes that are still to be read.</param>
    public void Adjust(long bytesLeft)
    {
        lock (_lock)
        {
            if (deadline is not { } end || pace.BytesPerSecond != _derived)
            {
                return;
            }

            var left = end - time.GetUtcNow().UtcDateTime;
            var rate = left > TooLate ? (long?)Math.Max(Slowest, (long)(bytesLeft / left.TotalSeconds * Margin)) : null;
            if (rate != _derived)
            {
                pace.BytesPerSecond = _derived = rate;
            }
        }
    }
}
