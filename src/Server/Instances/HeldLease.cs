using System.Data.Common;

namespace Halley.Server.Instances;

/// <summary>
/// A lease that this instance holds or waits for while it runs. It is renewed until everything that depends on it has stopped, and then
/// released. An instance that is killed loses it after <see cref="Leases.Length"/>.
/// </summary>
internal abstract partial class HeldLease(string name, Leases leases, TimeProvider time, ILogger logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    // Another instance may take the lease when it expires by the database's clock; here it ends a little sooner.
    private static readonly TimeSpan Good = Leases.Length - TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _ending = new();
    private Task? _ended;
    private Task _renewing = Task.CompletedTask;
    private long _renewedAt;
    private volatile bool _holds;

    /// <summary>True while this instance, and no other, may do the work.</summary>
    public virtual bool IsHeld => _holds && time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < Good;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (IsNeeded)
        {
            await RenewAsync();
            _renewing = KeepAsync();
        }
    }

    /// <summary>The last step of a stop: everything that needs the lease has stopped by now.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => EndAsync();

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stopped.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>False if no other instance could hold the lease.</summary>
    protected abstract bool IsNeeded { get; }

    /// <summary>Called when another instance holds the lease.</summary>
    protected virtual void Missed()
    {
    }

    protected async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var holds = await leases.TryHoldAsync(name, cancellationToken);
        if (holds)
        {
            Volatile.Write(ref _renewedAt, asked);
        }

        if (holds && !_holds)
        {
            LogTaken(name);
        }

        return _holds = holds;
    }

    private async Task KeepAsync()
    {
        using var timer = new PeriodicTimer(Renewal, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
            {
                await RenewAsync();
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The server has stopped.
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            if (!await TryHoldAsync(_stopped.Token))
            {
                Missed();
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The server has stopped.
        }
#pragma warning disable CA1031 // the boundary of the loop: a database that is away now is asked again
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotRenewed(name, failure);
        }
    }

    // A host that embeds the server may dispose of it while it stops.
    private Task EndAsync()
    {
        lock (_ending)
        {
            return _ended ??= EndOnceAsync();
        }
    }

    private async Task EndOnceAsync()
    {
        await _stopped.CancelAsync();
        await _renewing;
        if (!_holds)
        {
            return;
        }

        _holds = false;
        try
        {
            await leases.ReleaseAsync(name, CancellationToken.None);
        }
        catch (Exception failure) when (failure is DbException or InvalidOperationException or TimeoutException)
        {
            // The lease expires by itself.
            LogNotReleased(name, failure);
        }
    }

    [LoggerMessage(LogEvents.LeaseTaken, LogLevel.Information, "This instance does the {Work} from now on")]
    private partial void LogTaken(string work);

    [LoggerMessage(
        LogEvents.LeaseNotRenewed, LogLevel.Warning, "The lease for the {Work} could not be renewed; it is tried again in seconds")]
    private partial void LogNotRenewed(string work, Exception failure);

    [LoggerMessage(
        LogEvents.LeaseNotReleased, LogLevel.Warning, "The lease for the {Work} could not be given back; others get it in seconds")]
    private partial void LogNotReleased(string work, Exception failure);
}
