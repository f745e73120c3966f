using System.Buffers.Binary;
using System.Security.Cryptography;
using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings.Statistics;
using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Moves;
using Halley.Server.StorageRole.Quotas;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Transfers;
using Halley.Server.StorageRole.Trash;
using Halley.Server.StorageRole.Vault;
using Halley.Server.StorageRole.Verification;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole;

/// <summary>The Storage Role: volumes, the buckets that are spread over them, and the vault protocol for clients.</summary>
internal static class StorageRoleSetup
{
    private const string FirstVolume = "volume-1";

    public static void AddStorageRole(this WebApplicationBuilder builder)
    {
        var options = builder.AddOptionsOf<StorageOptions>(StorageOptions.Section);
        var services = builder.Services;
        services.AddSingleton<StorageLease>();
        services.AddSingleton(provider => new VolumeSet(
            new VolumeSettings(
                new VolumeReserve(options.ReserveBytes, options.ReservePercent), options.Flush,
                provider.GetRequiredService<TimeProvider>(), OwnerOf(provider)),
            BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)))));
        services.AddSingleton<VolumeActions>();
        services.AddSingleton<BucketCache>();
        services.AddSingleton<BucketAdoption>();
        services.AddSingleton<BucketActions>();
        services.AddTransient<BucketWatch>(); // each page its own
        services.AddSingleton<DeletedBucketActions>();
        services.AddSingleton<BucketKeyActions>();
        services.AddSingleton<OrganizationPart, BucketOrganizationPart>();
        services.AddSingleton<StatisticsSource, BucketStatisticsSource>();
        services.AddSingleton<VaultAccess>();
        services.AddSingleton<OpenUploads>();
        services.AddSingleton<VaultUpload>();
        services.AddSingleton<VaultDelete>();
        services.AddSingleton<VaultApi>();
        services.AddSingleton<QuotaGate>();
        services.AddSingleton<LimitsInForce>();
        services.AddSingleton<BandwidthLimitActions>();
        services.AddSingleton<TrashRestoring>();
        services.AddSingleton<TrashActions>();
        services.AddSingleton<MoveActions>();
        services.AddSingleton<CorruptFilesGauge>();
        services.AddSingleton<ScrubTimes>();
        services.AddSingleton<FindingStore>();
        services.AddSingleton<FileVerification>();
        services.AddSingleton<RereadTurns>();
        services.AddSingleton<ScrubActions>();
        services.AddTransfers();
        AddJobs(services, options, options.Enabled ? RunsAt.EveryInstance : RunsAt.NoInstance);
        if (options.Enabled)
        {
            AddWork(services);
        }
    }

    private static void AddJobs(IServiceCollection services, StorageOptions options, RunsAt place)
    {
        services.AddPeriodicWork<FindingsWork>("scrub-findings", place, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<ScrubScheduleWork>(
            "scrub-schedule", place, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<StalledUploadsWork>(
            "stalled-uploads", place, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<VolumeProbeWork>(
            "volume-probe", place, TimeSpan.FromSeconds(options.ProbeSeconds), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<VolumeMeasuringWork>(
            "volume-measuring", place, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<BucketMeasuringWork>(
            "bucket-measuring", place, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<BucketRemovalWork>(
            "bucket-removal", place, TimeSpan.FromMinutes(5), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<HoldClockWork>("hold-clock", place, TimeSpan.FromMinutes(5), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<TrashPurgingWork>(
            "trash-purging", place, TimeSpan.FromMinutes(30), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<QuotaWarningWork>("quota-watch", place, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<BucketHistoryWork>(
            "bucket-history", place, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<UsageSavingWork>("usage-saving", place, TimeSpan.FromSeconds(30), (job, token) => job.RunOnceAsync(token));
    }

    // Only for the instance that has the volumes.
    private static void AddWork(IServiceCollection services)
    {
        services.AddHostedService(provider => provider.GetRequiredService<StorageLease>());
        services.AddHostedService(provider => provider.GetRequiredService<UsageSavingWork>());
        services.AddSingleton<TaskKind, RestoreTrashKind>();
        services.AddSingleton<TaskKind, DrainKind>();
        services.AddSingleton<TaskKind, RebalanceKind>();
        services.AddSingleton<TaskKind, ScrubKind>();
        services.AddSingleton<TaskKind, TransferKind>();
        services.AddHealthChecks().AddCheck<VolumesHealth>("volumes");
    }

    // Found when the first volume is opened: the keys do not exist before.
    private static Func<VolumeOwner> OwnerOf(IServiceProvider services)
    {
        var owner = new Lazy<VolumeOwner>(
            () => new VolumeOwner(services.GetRequiredService<InstallationId>().Value, Environment.MachineName));
        return () => owner.Value;
    }

    /// <summary>Opens the volumes and buckets, once the database is ready and before the server listens.</summary>
    public static async Task OpenStorageAsync(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<StorageOptions>().Enabled)
        {
            return;
        }

        var cancellationToken = app.Lifetime.ApplicationStopping;
        await app.Services.GetRequiredService<StorageLease>().AcquireAsync(cancellationToken);
        var firstVolume = Path.Combine(app.Services.GetRequiredService<DataDirectory>().Root, FirstVolume);
        if (await app.Services.GetRequiredService<VolumeActions>().OpenAsync(firstVolume, cancellationToken) is { } refusal)
        {
            throw new StartRefusedException(
                ExitCodes.WrongSettings, $"The first volume, {firstVolume}, cannot be made: {refusal.Reason}");
        }

        await app.Services.GetRequiredService<BucketCache>().LoadAsync(cancellationToken);
        await app.Services.GetRequiredService<BandwidthLimitActions>().OpenAsync(cancellationToken);
    }

    public static void MapStorageRole(this IEndpointRouteBuilder endpoints)
    {
        // Short-circuited: thousands of requests a second skip the middleware of pages and APIs, but are logged like all others.
        var services = endpoints.ServiceProvider;
        var hasStorage = services.GetRequiredService<StorageOptions>().Enabled;
        RequestDelegate answer = hasStorage ? services.GetRequiredService<VaultApi>().HandleAsync : VaultAnswers.ElsewhereAsync;
        var vault = ActivatorUtilities.CreateInstance<RequestLog>(services, answer);
        endpoints.Map(Routes.VaultPath, vault.InvokeAsync)
            .ShortCircuit()
            .AllowAnonymous() // VaultAccess checks the key of the bucket
            .WithMetadata(QuietRequests.Metadata);
        var group = endpoints.MapGroup("").OnlyWithStorage(hasStorage);
        group.MapVolumes();
        group.MapMoves();
        group.MapScrubs();
        group.MapTransfers();
        group.MapBuckets();
        group.MapOwnKeys();
        group.MapLostFiles();
        group.MapTrash();
        group.MapBandwidthLimits();
    }
}
