using System.Diagnostics.Metrics;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Live;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Quotas;
using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.Metrics;

/// <summary>
/// The state of the server as gauges. Those under "must be zero" come first: any other value needs a person. Each is documented in
/// docs/operations/metrics.md, which a test compares with this list.
/// </summary>
internal sealed class StateGauges : IHostedService
{
    public const string LastGoodBackup = "halley.backups.last_good";

    private readonly Meter _meter;

    public StateGauges(
        IMeterFactory meters, StateCollection collection, VolumeSet volumes, BucketCache buckets, IEnumerable<PeriodicLoop> jobs,
        LiveDevices devices, VerificationSlots slots, InstanceBus bus, TlsCertificates certificates, DataDirectory directory,
        TimeProvider time)
    {
        _meter = meters.Create(RequestMetrics.MeterName);
        AddMustBeZero(collection, volumes, buckets, jobs);
        AddVolumes(collection, volumes, time);
        AddBackups(collection);
        Gauge("halley.buckets", "{bucket}", "Buckets.", () => [Plain(buckets.All.Count())]);
        Gauge(
            "halley.buckets.size", "By", "Bytes of all files in buckets, as counted.",
            () => [Plain(buckets.All.Sum(one => one.Usage.Now.Bytes))]);
        Gauge(
            "halley.tasks", "{task}", "Tasks by state.",
            () => Each(collection.Last?.Tasks, task => new Measurement<double>(task.Value, Tag("state", task.Key))));
        Gauge("halley.emails.waiting", "{email}", "E-mails in the queue.", () => Of(collection.Last?.EmailsWaiting));
        Gauge(
            "halley.devices.online", "{device}", "Devices connected, on any instance.",
            () => [Plain(devices.List(TenantScope.Everything).Count)]);
        Gauge("halley.credentials.waiting", "{computation}", "Computations of bcrypt that wait for a slot.", () => [Plain(slots.Waiting)]);
        Gauge("halley.database.duration", "s", "How long a small query took.", () => Of(collection.Last?.DatabaseSeconds));
        Gauge(
            "halley.database.size", "By", "Size of the SQLite file; absent with PostgreSQL.",
            () => File.Exists(directory.Database) ? [Plain(new FileInfo(directory.Database).Length)] : []);
        Gauge(
            "halley.redis.connected", "{connection}", "1 while Redis is connected; absent for a single instance.",
            () => bus.IsUsed ? [Plain(bus.IsConnected ? 1 : 0)] : []);
        Gauge(
            "halley.tls.certificate.expiry", "s", "Unix time at which the certificate expires; absent without one.",
            () => certificates.ExpiresAt is { } expiry ? [Plain(Seconds(expiry))] : []);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void AddMustBeZero(StateCollection collection, VolumeSet volumes, BucketCache buckets, IEnumerable<PeriodicLoop> jobs)
    {
        Gauge(
            "halley.health.failed", "{check}", "1 for a check of /readyz that is not ok.",
            () => Each(collection.Last?.Checks, check => new Measurement<double>(check.Value ? 0 : 1, Tag("check", check.Key))));
        Gauge(
            "halley.storage.volume.problem", "{volume}", "1 for a volume that is offline or takes no new files although it is writable.",
            () => Each(volumes.All, volume => Of(volume, volume.Problem is null && volume.WriteProblem is null ? 0 : 1)));
        Gauge(
            "halley.buckets.frozen", "{bucket}", "Buckets whose deletes the brake has frozen.",
            () => [Plain(buckets.All.Count(bucket => bucket.FrozenAt is not null))]);
        Gauge(
            "halley.buckets.over_quota", "{bucket}", "Buckets above their soft quota or 95 % of their hard quota.",
            () => [Plain(buckets.All.Count(
                bucket => (QuotaLevels.Of(bucket.Quota, bucket.Usage.Now.Used) & (QuotaLevel.Soft | QuotaLevel.Percent95)) != 0))]);
        Gauge(
            "halley.tasks.failed", "{task}", "Tasks that failed and wait for a person.",
            () => Of(collection.Last?.Tasks.GetValueOrDefault(Protocol.TaskState.Failed)));
        Gauge("halley.emails.given_up", "{email}", "E-mails given up within 35 days.", () => Of(collection.Last?.EmailsGivenUp));
        Gauge(
            "halley.periodic.late", "{job}", "Periodic jobs that failed three times in a row.",
            () => [Plain(jobs.Count(job => job.IsLate))]);
    }

    private void AddVolumes(StateCollection collection, VolumeSet volumes, TimeProvider time)
    {
        Gauge(
            "halley.storage.volume.free", "By", "Free bytes of a volume, the reserve not deducted.",
            () => Space(volumes, space => space.Free));
        Gauge("halley.storage.volume.size", "By", "Size of the file system of a volume.", () => Space(volumes, space => space.Total));
        Gauge("halley.storage.volume.reserve", "By", "Bytes that always stay free.", () => Space(volumes, space => space.Reserve));
        Gauge(
            "halley.storage.volume.inodes.free", "{inode}", "Files that the file system of a volume may still hold.",
            () => Each(volumes.All.Where(volume => volume.FreeInodes is not null), volume => Of(volume, volume.FreeInodes!.Value)));
        Gauge(
            "halley.storage.volume.latency", "s", "How long the last look at a volume took, with a small write when one was due.",
            () => Each(volumes.All, volume => Of(volume, volume.ProbeTook.TotalSeconds)));
        Gauge(
            "halley.storage.volume.verified_age", "s",
            "Age of the oldest verification of a byte on a volume; absent before the first scrub.",
            () => Each(
                volumes.All.Where(volume => collection.Last?.Verified.ContainsKey(volume.Id) == true),
                volume => Of(volume, (time.GetUtcNow().UtcDateTime - collection.Last!.Verified[volume.Id]).TotalSeconds)));
        _meter.CreateObservableCounter(
            "halley.storage.volume.failed_writes", () => Each(volumes.All, volume => Of(volume, volume.FailedWrites)), "{write}",
            "Writes to a volume that failed; each was tried on another one.");
    }

    private void AddBackups(StateCollection collection)
    {
        Gauge(
            "halley.backups.last_day", "{job}", "Backup jobs that ended within 24 hours, by result.",
            () => Each(
                collection.Last?.Jobs.GroupBy(job => ResultOf(job.Key)),
                result => new Measurement<double>(result.Sum(job => job.Value), Tag("result", result.Key))));
        Gauge(
            LastGoodBackup, "s", "Unix time at which the last good backup of an account ended, within 90 days.",
            () => Each(
                collection.Last?.LastGood,
                last => new Measurement<double>(last.EndTime, Tag("account", last.Username), Tag("organization", last.OrganizationId))));
    }

    private void Gauge(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    // A volume that went offline has no numbers, rather than old ones.
    private static IEnumerable<Measurement<double>> Space(VolumeSet volumes, Func<(long Free, long Total, long Reserve), long> choose)
    {
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            Measurement<double> found;
            try
            {
                found = Of(volume, choose(volume.ReadSpace()));
            }
            catch (BlobStoreException)
            {
                continue;
            }

            yield return found;
        }
    }

    private static string ResultOf(JobStatus status) => status switch
    {
        _ when status.IsSuccess() => "success",
        JobStatus.Warning => "warning",
        JobStatus.Missed => "missed",
        JobStatus.Cancelled or JobStatus.Skipped => "cancelled",
        JobStatus.QuotaExceeded => "quota_exceeded",
        _ => "error",
    };

    private static IEnumerable<Measurement<double>> Each<T>(IEnumerable<T>? all, Func<T, Measurement<double>> read) =>
        all?.Select(read) ?? [];

    private static IEnumerable<Measurement<double>> Of(double? value) => value is { } known ? [Plain(known)] : [];

    private static Measurement<double> Of(Volume volume, double value) => new(value, Tag("volume", volume.Path));

    private static Measurement<double> Plain(double value) => new(value);

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value.ToString());

    private static double Seconds(DateTime utc) => new DateTimeOffset(utc, TimeSpan.Zero).ToUnixTimeSeconds();
}
