using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Moves;
using Halley.Server.StorageRole.Quotas;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;

namespace Halley.Server.Attention;

/// <summary>Collects what needs the attention of an administrator from all features that know of something.</summary>
internal sealed class AttentionActions(
    VolumeActions volumes, ScrubActions scrubs, TaskActions tasks, BucketCache buckets, OrganizationCache organizations, QuotaGate quotas,
    EmailSendingWork emails, IEnumerable<PeriodicLoop> work)
{
    /// <summary>Most entries of one kind; the last one then says how many more there are.</summary>
    private const int MostOfKind = 20;

    /// <summary>
    /// What needs attention, the most urgent first. An administrator of an organization sees its buckets and its quota only.
    /// </summary>
    public async Task<Page<AttentionItem>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var found = new List<AttentionItem>();
        if (caller.Lacks(Requires.TopLevel) is null)
        {
            await AddServerAsync(found, caller, cancellationToken);
        }

        var seen = buckets.All.Where(bucket => caller.Scope.Contains(bucket.OrganizationId)).OrderBy(bucket => bucket.Id).ToList();
        Add(found, seen.Where(bucket => bucket.FrozenAt is not null).Select(Frozen), "buckets with frozen deletes");
        Add(found, seen.Select(Quota).OfType<AttentionItem>(), "buckets at their quota");
        var own = organizations.All.Values.Where(organization => caller.Scope.Contains(organization.Id));
        Add(found, own.Select(Quota).OfType<AttentionItem>(), "organizations at their quota");
        return new Page<AttentionItem>([.. found.OrderBy(item => item.Level).ThenBy(item => item.Kind)], Next: null);
    }

    private async Task AddServerAsync(List<AttentionItem> found, Caller caller, CancellationToken cancellationToken)
    {
        IReadOnlyList<VolumeInfo> all = (await volumes.ListAsync(caller, cancellationToken)).TryGet(out var page, out _) ? page.Items : [];
        var paths = all.ToDictionary(volume => volume.Id.ToString(), volume => volume.Path);
        IReadOnlyList<OpenFindings> open =
            (await scrubs.CountOpenAsync(caller, cancellationToken)).TryGet(out var counts, out _) ? counts.Items : [];
        IReadOnlyList<TaskInfo> unfinished =
            (await tasks.ListAsync(caller, kind: null, unfinishedOnly: true, after: null, Paging.MaximumLimit, cancellationToken))
                .TryGet(out var listed, out _) ? listed.Items : [];
        var drains = unfinished.Where(task => task is { Kind: DrainKind.Word, State: not TaskState.Failed })
            .ToDictionary(task => task.Subject);
        found.AddRange(all.Select(volume => StateOf(volume, drains.GetValueOrDefault(volume.Id.ToString()))).OfType<AttentionItem>());
        foreach (var findings in open.GroupBy(one => (one.VolumeId, one.IsLoss)))
        {
            var path = paths.GetValueOrDefault(findings.Key.VolumeId.ToString(), "a removed volume");
            found.Add(Findings(findings.Key.VolumeId, path, findings.Key.IsLoss, findings.Sum(one => one.Count)));
        }

        Add(found, unfinished.Where(task => task.State == TaskState.Failed).Select(task => Failed(task, paths)), "failed tasks");
        found.AddRange(work.Where(loop => loop.IsLate).Select(Failing));
        if (await emails.CountGivenUpAsync(cancellationToken) is > 0 and var given)
        {
            found.Add(new(
                AttentionKind.EmailsGivenUp, AttentionLevel.Warning, "", $"{Count(given, "e-mail")} not sent",
                "The mail server refused every try. The events name recipient and reason; check the settings of the mail server."));
        }
    }

    private static void Add(List<AttentionItem> found, IEnumerable<AttentionItem> items, string more)
    {
        var all = items.ToList();
        found.AddRange(all.Take(MostOfKind));
        if (all.Count > MostOfKind)
        {
            found.Add(all[^1] with { Subject = "", Title = $"{all.Count - MostOfKind} more {more}", Text = "" });
        }
    }

    private static AttentionItem? StateOf(VolumeInfo volume, TaskInfo? drain) => volume switch
    {
        { Online: false } => new(
            AttentionKind.VolumeOffline, AttentionLevel.Error, volume.Id.ToString(), $"Volume {volume.Path} is offline",
            $"{volume.Problem} Backups that have files there cannot be restored until it is back."),
        { Problem: { } problem } => new(
            AttentionKind.VolumeUnwritable, AttentionLevel.Error, volume.Id.ToString(), $"Volume {volume.Path} cannot be written",
            $"{problem} Its files can be read; new ones are placed on other volumes."),
        _ when drain is not null => new(
            AttentionKind.VolumeDraining, AttentionLevel.Notice, volume.Id.ToString(), $"Volume {volume.Path} is being drained",
            drain.State == TaskState.Paused ? "The task is paused." : Progress(drain)),
        { Mode: VolumeMode.ReadOnly } => new(
            AttentionKind.VolumeReadOnly, AttentionLevel.Notice, volume.Id.ToString(), $"Volume {volume.Path} is read-only",
            "An administrator or a drain made it read-only. No new files are placed on it."),
        _ => null,
    };

    private static string Progress(TaskInfo drain) => drain.BytesTotal is > 0 and var total
        ? $"{100 * drain.BytesDone / total} % of its files have moved to other volumes."
        : "Its files are being counted.";

    private static AttentionItem Findings(Guid volumeId, string path, bool isLoss, long count) => isLoss
        ? new(
            AttentionKind.FilesCorrupt, AttentionLevel.Error, volumeId.ToString(),
            $"{Count(count, "corrupt or unreadable file")} on {path}",
            "Backups that need them are incomplete until a device has healed its vault. Check the disk.")
        : new(
            AttentionKind.FilesMisplaced, AttentionLevel.Warning, volumeId.ToString(), $"{Count(count, "misplaced file")} on {path}",
            "They are no files of a backup, or two volumes disagree about them. Remove them, or dismiss the findings.");

    private static AttentionItem Failed(TaskInfo task, Dictionary<string, string> paths) => new(
        AttentionKind.TaskFailed, AttentionLevel.Error, task.Id.ToString(),
        $"The {task.Kind} {(task.Subject.Length == 0 ? "" : $"of {paths.GetValueOrDefault(task.Subject, task.Subject)} ")}failed",
        $"{task.Problem} Resume or cancel it.".TrimStart());

    private static AttentionItem Failing(PeriodicLoop loop) => new(
        AttentionKind.WorkFailing, AttentionLevel.Warning, loop.Name, $"The periodic work “{loop.Name}” keeps failing",
        "The server tries again by itself. The log has the reason.");

    private static AttentionItem Frozen(OpenBucket bucket) => new(
        AttentionKind.DeletesFrozen, AttentionLevel.Error, bucket.Id, $"Deletes of the bucket {bucket.Id} are frozen",
        "Far more than usual was deleted. Check who uses its keys before you allow deletes again.");

    private static AttentionItem? Quota(OpenBucket bucket) =>
        Quota(AttentionKind.BucketQuota, bucket.Id, $"The bucket {bucket.Id}", QuotaLevels.Of(bucket.Quota, bucket.Usage.Now.Used));

    private AttentionItem? Quota(KnownOrganization organization) => organization.Quota == QuotaLimits.None
        ? null
        : Quota(
            AttentionKind.OrganizationQuota, organization.Id, $"The organization {organization.Name}",
            QuotaLevels.Of(organization.Quota, quotas.UsedBy(organization.Id)));

    private static AttentionItem? Quota(AttentionKind kind, string id, string what, QuotaLevel level) =>
        (level & (QuotaLevel.Soft | QuotaLevel.Percent95)) == 0
            ? null
            : new(
                kind, level.HasFlag(QuotaLevel.Percent95) ? AttentionLevel.Error : AttentionLevel.Warning, id,
                $"{what} has passed {QuotaLevels.Describe(level)}", "Uploads are rejected when a hard quota is full. Raise it, or prune.");

    private static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
