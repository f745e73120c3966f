using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Instances;

namespace Halley.Server.StorageRole;

/// <summary>
/// The storage belongs to one process: what it counts, holds open and moves is in its memory. With SQLite the lock on the data directory sees
/// to that; with PostgreSQL, which several may use, a lease.
/// </summary>
internal sealed partial class StorageLease(
    StorageOptions options, DatabaseOptions database, Leases leases, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StorageLease> logger)
    : HeldLease(Name, leases, time, logger)
{
    private const string Name = "storage";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = Leases.Length + TimeSpan.FromSeconds(2);
    private readonly Leases _leases = leases;
    private readonly TimeProvider _time = time;

    protected override bool IsNeeded => options.Enabled && database.Provider == DatabaseProvider.PostgreSql;

    /// <summary>Takes the storage before anything of it is opened: at once, or when an instance that was killed would have lost it.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        if (!IsNeeded || await TryHoldAsync(cancellationToken))
        {
            return;
        }

        var holder = await _leases.HolderOfAsync(Name, cancellationToken);
        var began = _time.GetTimestamp();
        LogWaits(holder);
        while (!await TryHoldAsync(cancellationToken))
        {
            if (_time.GetElapsedTime(began) > Longest)
            {
                throw new StartRefusedException(
                    ExitCodes.StorageElsewhere,
                    $"The instance on {holder} has the storage of this database, and only one may: set Halley:Storage:Enabled to false here, or stop that one.");
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    protected override void Missed()
    {
        LogTakenAway();
        lifetime.StopApplication();
    }

    [LoggerMessage(LogEvents.StorageWaitedFor, LogLevel.Information, "The instance on {Machine} has the storage; if it was killed, this one gets it in seconds")]
    private partial void LogWaits(string? machine);

    [LoggerMessage(LogEvents.StorageTakenAway, LogLevel.Critical,
        "Another instance has taken the storage, because this one could not reach the database for too long; this one stops")]
    private partial void LogTakenAway();
}
