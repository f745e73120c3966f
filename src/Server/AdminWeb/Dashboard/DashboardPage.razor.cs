using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Security;
using Halley.Server.Attention;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.Live.Devices;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Moves;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Dashboard;

public sealed partial class DashboardPage
{
    private const int LatestShown = 6;
    private IReadOnlyList<VolumeInfo>? _volumes;
    private IReadOnlyList<BucketInfo>? _buckets;
    private IReadOnlyList<AttentionItem>? _attention;
    private IReadOnlyList<TaskInfo> _drains = [];
    private long _bytes;
    private long _files;
    private int _writable;
    private int _accounts;
    private int _registered;
    private int _online;
    private DateTime? _lastWrite;
    private string? _lastBucket;

    [Inject]
    private VolumeActions VolumeActions { get; set; } = default!;

    [Inject]
    private BucketWatch Buckets { get; set; } = default!;

    [Inject]
    private AttentionActions Attention { get; set; } = default!;

    [Inject]
    private TaskActions Tasks { get; set; } = default!;

    [Inject]
    private AccountOverviewActions Accounts { get; set; } = default!;

    [Inject]
    private LiveDeviceActions Devices { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private IReadOnlyList<BucketInfo> Latest { get; set; } = [];

    /// <summary>True once the first backup has arrived; this hides the set-up list. Adding a second volume is advice, not a step.</summary>
    private bool IsSetUp => _lastWrite is not null;

    private string Activity
    {
        get
        {
            var since = Time.GetUtcNow().UtcDateTime.AddDays(-1);
            return $"{_buckets!.Count(bucket => bucket.LastWriteAt >= since)} used in a day";
        }
    }

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        // Only the top level sees volumes; other organizations see the data in their buckets.
        IReadOnlyList<VolumeInfo> volumes = (await VolumeActions.ListAsync(caller, Closed)).TryGet(out var page, out _) ? page.Items : [];
        var buckets = await Buckets.ListAsync(caller, Closed);
        _attention = (await Attention.ListAsync(caller, Closed)).Items;
        _drains = volumes.Count > 0 ? await Tasks.UnfinishedAsync(DrainKind.Word, Closed) : [];
        _accounts = await Accounts.CountAsync(caller, Closed);
        (_registered, _online) = await Devices.CountAsync(caller, Closed);
        Latest = [.. buckets.Where(bucket => bucket.LastWriteAt is not null).OrderByDescending(bucket => bucket.LastWriteAt)
            .Take(LatestShown)];
        _writable = volumes.Count(volume => volume is { Online: true, Mode: VolumeMode.Writable });
        _bytes = buckets.Sum(bucket => bucket.Bytes);
        _files = buckets.Sum(bucket => bucket.Files);
        _lastWrite = Latest.Count > 0 ? Latest[0].LastWriteAt : null;
        _lastBucket = Latest.Count > 0 ? $"to {NameOf(Latest[0])}" : null;
        (_volumes, _buckets) = (volumes, buckets);
    }

    private static string NameOf(BucketInfo bucket) => bucket.Label.Length > 0 ? bucket.Label : bucket.Id;

    private TaskInfo? DrainOf(VolumeInfo volume) => _drains.FirstOrDefault(task => task.Subject == volume.Id.ToString());
}
