using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Instances;

namespace Halley.Server.StorageRole;

/// <summary>
/// The storage belongs to one process, because its counts, open buckets and moves are in memory. With SQLite, the lock on the data
/// directory ensures this. With PostgreSQL, which several processes can use, a lease does.
/// </summary>
internal sealed partial class StorageLease(
    StorageOptions options, DatabaseOptions database, Leases leases, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<StorageLease> logger)
    : HeldLease(Name, leases, time, logger)
{
    private const string Name = "storage";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = Leases.Length + TimeSpan.FromSeconds(2);
    private readonly Leases _leases = leases;
    private readonly TimeProvider _time = time;

    protected override bool IsNeeded => options.Enabled && database.Provider == DatabaseProvider.PostgreSql;

    /// <summary>Takes the storage before it is opened: at once, or when the lease of a killed instance expires.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        if (!IsNeeded || await TryHoldAsync(cancellationToken))
        {
            return;
        }

        var holder = await _leases.HolderOfAsync(Name, cancellationToken);
        var began = _time.GetTimestamp();
        LogWaiting(holder);
        while (!await TryHoldAsync(cancellationToken))
        {
            if (_time.GetElapsedTime(began) > Longest)
            {
                throw new StartRefusedException(
                    ExitCodes.StorageElsewhere,
                    $"The instance on {holder} has the storage of this database, and only one instance may: "
                    + "set Halley:Storage:Enabled to false here, or stop the other.");
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    protected override void Missed()
    {
        LogTakenAway();
        lifetime.StopApplication();
    }

    [LoggerMessage(LogEvents.StorageWaitedFor, LogLevel.Information,
        "The instance on {Machine} has the storage; if it was killed, this instance gets it within seconds")]
    private partial void LogWaiting(string? machine);

    [LoggerMessage(LogEvents.StorageTakenAway, LogLevel.Critical,
        "Another instance has taken the storage, because this instance could not reach the database for too long; this instance stops")]
    private partial void LogTakenAway();
}
