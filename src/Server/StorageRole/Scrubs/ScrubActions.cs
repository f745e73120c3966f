using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>The operations on scrubs and their findings.</summary>
internal sealed class ScrubActions(
    VolumeSet volumes, BucketCache cache, TaskRunner runner, TaskActions tasks, FindingStore findings, FileVerification verification,
    RereadTurns rereads, TimeProvider time)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;
    private const int MostNames = 10_000;
    private const int MostRereads = 1000;

    /// <summary>Starts a scrub of a volume now. It replaces one that the schedule has started.</summary>
    public async Task<Outcome<TaskInfo>> StartAsync(Caller caller, Guid volumeId, StartScrub request, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        if (volumes.Find(volumeId) is not { } volume)
        {
            return VolumeActions.NotFound;
        }

        if (TaskRate.Check(request.MaxBytesPerSecond) is { } invalid)
        {
            return invalid;
        }

        if (!volume.Probe())
        {
            return Refusal.Conflict("volume_offline", $"{volume.Problem} It can be scrubbed when it is back.");
        }

        var subject = volume.Id.ToString();
        var unfinished = await tasks.UnfinishedAsync(ScrubKind.Word, cancellationToken);
        foreach (var task in unfinished.Where(task => task.Subject == subject && task.CreatedBy.Length == 0))
        {
            await tasks.CancelAsync(caller, task.Id, cancellationToken);
        }

        var parameters = new ScrubParameters(time.GetUtcNow().UtcDateTime, Deadline: null);
        return await runner.StartAsync(
            ScrubKind.Word, subject, parameters, caller.Name, TaskRate.Of(request.MaxBytesPerSecond), cancellationToken);
    }

    /// <summary>Reports which files of a bucket exist; on request it reads them again.</summary>
    public async Task<Outcome<FilesVerified>> VerifyAsync(
        Caller caller, string bucketId, VerifyFiles request, CancellationToken cancellationToken)
    {
        if (cache.Find(bucketId, caller.Scope) is null)
        {
            return BucketRefusals.NotFound;
        }

        return await VerifyAsync(bucketId, request.Names, MostNames, request.Reread, cancellationToken);
    }

    /// <summary>Reads files of a bucket again for the holder of a key of the bucket: any key, since any may also download them.</summary>
    public async Task<Outcome<FilesVerified>> RereadAsync(OpenBucket bucket, RereadFiles request, CancellationToken cancellationToken)
    {
        if (rereads.TryEnter(bucket) is not { } turn)
        {
            return Refusal.Busy(
                "busy", "Files of this bucket, or of many others, are being read again. Try again in a few seconds.",
                TimeSpan.FromSeconds(5));
        }

        using (turn)
        {
            return await VerifyAsync(bucket.Id, request.Names, MostRereads, reread: true, cancellationToken);
        }
    }

    /// <summary>Files that a bucket has lost, for the holder of a key of the bucket.</summary>
    public async Task<LostFiles> ListLostAsync(OpenBucket bucket, CancellationToken cancellationToken)
    {
        var lost = await findings.ListLostAsync(bucket.Id, MostNames, cancellationToken);
        return new LostFiles([.. lost.Select(file => file.Path).Distinct()], lost.Count == 0 ? null : lost.Max(file => file.FoundAt));
    }

    /// <summary>Closes the findings about lost files that the holder of a key no longer needs.</summary>
    public async Task<Refusal?> ReportHealedAsync(
        OpenBucket bucket, AccessKey key, HealedFiles request, CancellationToken cancellationToken)
    {
        // Others could hide from the operator that files are lost.
        if (key.Mode != BucketKeyMode.Full)
        {
            return Refusal.Forbidden("key_may_not_delete", "Only a key that may delete files can report that they are not needed.");
        }

        if (request.Names is not { Count: <= MostNames } names)
        {
            return Refusal.Invalid("names_invalid", $"names must be a list of at most {MostNames} names.");
        }

        await findings.CloseLostAsync(bucket.Id, names.ToHashSet(StringComparer.Ordinal), cancellationToken);
        return null;
    }

    /// <summary>Findings, newest first.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="state">Only findings in this state; null for all.</param>
    /// <param name="volumeId">Only findings on this volume; null for all.</param>
    /// <param name="bucketId">Only findings in this bucket; null for all.</param>
    /// <param name="after">Only findings that follow this one in the list; null to begin with the newest.</param>
    /// <param name="count">Most findings to return.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<Outcome<Page<ScrubFindingInfo>>> ListFindingsAsync(
        Caller caller, ScrubFindingState? state, Guid? volumeId, string? bucketId, Guid? after, int count,
        CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.TopLevel) is { } refusal)
        {
            return refusal;
        }

        var found = await findings.ListAsync(state, volumeId, bucketId, after, count + 1, cancellationToken);
        return Paging.Page(found, count, finding => finding, finding => finding.Id.ToString());
    }

    /// <summary>How many findings are open, by volume and kind.</summary>
    public async Task<Outcome<Page<OpenFindings>>> CountOpenAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.Lacks(Requires.TopLevel) is { } refusal ? refusal
        : new Page<OpenFindings>(await findings.CountOpenAsync(cancellationToken), Next: null);

    /// <summary>Closes a finding because nothing is to be done about it.</summary>
    public async Task<Outcome<ScrubFindingInfo>> DismissAsync(Caller caller, Guid findingId, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) is { } refusal ? refusal
        : await findings.DismissAsync(findingId, caller.Name, cancellationToken) is { } finding ? finding
        : Refusal.NotFound("finding_not_found", "There is no finding with this id.");

    private async Task<Outcome<FilesVerified>> VerifyAsync(
        string bucketId, IReadOnlyList<string>? texts, int most, bool reread, CancellationToken cancellationToken)
    {
        if (texts is null || texts.Count > most)
        {
            return Refusal.Invalid("names_invalid", $"names must be a list of at most {most} names.");
        }

        var names = texts.Select(BlobNames.Parse).OfType<BlobName>().ToList();
        if (names.Count < texts.Count)
        {
            return Refusal.Invalid(
                "names_invalid", "Each name must be config, or a type, a slash and 64 lower-case hex digits, such as data/0123….");
        }

        try
        {
            return new FilesVerified(await verification.RunAsync(bucketId, names, reread, cancellationToken));
        }
        catch (BlobStoreException error)
        {
            return Refusal.Unavailable("storage_unavailable", $"{error.Message} Try again when it is back.");
        }
    }
}
