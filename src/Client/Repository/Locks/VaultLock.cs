using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.Locks;

/// <summary>The result of a request for a lock.</summary>
/// <param name="Lock">The lock; null when other locks are in the way.</param>
/// <param name="Conflicts">The locks that are in the way.</param>
public readonly record struct LockOutcome(VaultLock? Lock, IReadOnlyList<LockEntry> Conflicts);

/// <summary>
/// A lock on a vault. It is refreshed every five minutes. While it is held, each change of the store by this <see cref="Vault"/> first
/// checks the clock. When no refresh has succeeded for too long (the machine slept, the network was down), another process may have removed
/// the lock as stale. The change then waits until it is certain that none did, or fails.
/// </summary>
public sealed class VaultLock : IAsyncDisposable
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);

    // Well before others think it stale.
    private static readonly TimeSpan DoubtedAfter = LockFiles.StaleAfter - (1.5 * RefreshEvery);

    // Some stores show a new file in listings only after a moment.
    private static readonly TimeSpan ListingDelay = TimeSpan.FromMilliseconds(200);

    private readonly VaultFiles _files;
    private readonly VaultOptions _options;
    private readonly bool _isExclusive;
    private readonly SemaphoreSlim _refreshing = new(1);
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _released = new();
    private readonly Task _refreshes;
    private BlobId _file;
    private long _written; // ticks of UTC: workers read it while it is being set

    private VaultLock(VaultFiles files, VaultOptions options, bool isExclusive, BlobId file, DateTimeOffset written)
    {
        (_files, _options, _isExclusive, _file, _written) = (files, options, isExclusive, file, written.UtcTicks);
        _files.Guard = EnsureHeldAsync;
        _refreshes = RefreshRegularlyAsync();
    }

    /// <summary>Cancelled when the lock was lost: someone removed it, or took it for stale. Work must stop.</summary>
    public CancellationToken Lost => _lost.Token;

    internal static async ValueTask<LockOutcome> AcquireAsync(
        VaultFiles files, VaultOptions options, bool isExclusive, CancellationToken cancellationToken)
    {
        if (await FindConflictsAsync(files, options, isExclusive, own: null, cancellationToken) is { Count: > 0 } conflicts)
        {
            return new(null, conflicts);
        }

        var written = options.Time.GetUtcNow();
        var own = await WriteAsync(files, options, isExclusive, cancellationToken);
        try
        {
            // Two processes that missed each other's lock a moment ago see it now. Both may give up, but both never continue.
            await Task.Delay(ListingDelay, options.Time, cancellationToken);
            conflicts = await FindConflictsAsync(files, options, isExclusive, own, cancellationToken);
            if (conflicts.Count == 0)
            {
                return new(new VaultLock(files, options, isExclusive, own, written), []);
            }
        }
        catch
        {
            await RemoveAsync(files, own);
            throw;
        }

        await RemoveAsync(files, own);
        return new(null, conflicts);
    }

    /// <summary>Returns when it is certain that the lock is held.</summary>
    /// <exception cref="VaultException">It was lost.</exception>
    public async ValueTask EnsureHeldAsync(CancellationToken cancellationToken)
    {
        ThrowIfLost();
        if (!IsDoubtful)
        {
            return;
        }

        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfLost();
            if (IsDoubtful)
            {
                await RegainAsync(cancellationToken);
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Runs work that needs the vault for itself; it is cancelled when the lock is lost.</summary>
    /// <exception cref="InvalidOperationException">The lock is shared.</exception>
    /// <exception cref="VaultException">The lock was lost.</exception>
    internal Task<T> RunAloneAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _isExclusive
        ? RunAsync(work, cancellationToken)
        : throw new InvalidOperationException("This needs an exclusive lock.");

    /// <summary>Runs work that is cancelled when the lock is lost.</summary>
    /// <exception cref="VaultException">The lock was lost.</exception>
    internal async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lost);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            ThrowIfLost();
            throw;
        }
    }

    /// <summary>Releases the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        _files.Guard = null;
        await _released.CancelAsync();
        await _refreshes;
        await RemoveAsync(_files, _file);
        _released.Dispose();
        _lost.Dispose();
        _refreshing.Dispose();
    }

    private bool IsDoubtful => _options.Time.GetUtcNow().UtcTicks - Volatile.Read(ref _written) >= DoubtedAfter.Ticks;

    private async Task RefreshRegularlyAsync()
    {
        using var timer = new PeriodicTimer(RefreshEvery, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_released.Token))
            {
                await TryRefreshAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The lock was released.
        }
    }

    private async ValueTask TryRefreshAsync()
    {
        await _refreshing.WaitAsync(_released.Token);
        try
        {
            if (_lost.IsCancellationRequested)
            {
                return;
            }

            if (IsDoubtful)
            {
                await RegainAsync(_released.Token);
                return;
            }

            await RenewAsync(_released.Token);
        }
        catch (Exception error) when (error is IOException or VaultException)
        {
            _options.Notice?.Invoke($"The lock of the vault could not be refreshed: {error.Message}"); // the next tick tries again
        }
        finally
        {
            _refreshing.Release();
        }
    }

    // The new file is written before the old one is deleted, so the vault is never without a lock.
    private async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        var written = _options.Time.GetUtcNow();
        var (old, renewed) = (_file, await WriteAsync(_files, _options, _isExclusive, cancellationToken));
        _file = renewed;
        Volatile.Write(ref _written, written.UtcTicks);
        if (old != renewed)
        {
            await _files.DeleteAsync(NameOf(old), cancellationToken);
        }
    }

    // While the old file exists, no process has treated the lock as stale. A process that deletes it from now on sees the new one.
    private async ValueTask RegainAsync(CancellationToken cancellationToken)
    {
        if (await _files.Store.FindAsync(NameOf(_file), cancellationToken) is null)
        {
            await LoseAsync();
        }

        var old = _file;
        var written = _options.Time.GetUtcNow();
        var renewed = await WriteAsync(_files, _options, _isExclusive, cancellationToken);
        await Task.Delay(ListingDelay, _options.Time, cancellationToken);
        if (old != renewed && await _files.Store.FindAsync(NameOf(old), cancellationToken) is null)
        {
            _file = renewed;
            await LoseAsync();
        }

        _file = renewed;
        Volatile.Write(ref _written, written.UtcTicks);
        if (old != renewed)
        {
            await _files.DeleteAsync(NameOf(old), cancellationToken);
        }
    }

    private async ValueTask LoseAsync()
    {
        await _lost.CancelAsync();
        ThrowIfLost();
    }

    private void ThrowIfLost()
    {
        if (_lost.IsCancellationRequested)
        {
            throw new VaultException(
                VaultFault.LockLost,
                "The lock of the vault was removed while this machine slept or was offline, so another program may be changing the vault. "
                + "Start again.");
        }
    }

    private static ValueTask<BlobId> WriteAsync(
        VaultFiles files, VaultOptions options, bool isExclusive, CancellationToken cancellationToken)
    {
        var file = new LockFile(VaultTime.Now(options.Time), isExclusive, options.HostName, options.UserName, Environment.ProcessId);
        return files.WriteAsync(BlobType.Locks, file.ToJson(), cancellationToken);
    }

    private static async ValueTask<IReadOnlyList<LockEntry>> FindConflictsAsync(
        VaultFiles files, VaultOptions options, bool isExclusive, BlobId? own, CancellationToken cancellationToken)
    {
        var conflicts = new List<LockEntry>();
        foreach (var entry in await LockFiles.ListAsync(files, cancellationToken))
        {
            if (entry.Id == own)
            {
                continue;
            }

            if (entry.Lock is { } file && LockFiles.WhyStale(file, options) is { } reason)
            {
                await files.DeleteAsync(NameOf(entry.Id), cancellationToken);
                options.Notice?.Invoke($"The lock of {file.Owner} was removed: {reason}.");
                continue;
            }

            if (isExclusive || entry.Lock is not { IsExclusive: false })
            {
                conflicts.Add(entry);
            }
        }

        return conflicts;
    }

    // Also when the work was cancelled. A lock that cannot be removed becomes stale.
    private static async ValueTask RemoveAsync(VaultFiles files, BlobId file)
    {
        try
        {
            await files.DeleteAsync(NameOf(file), CancellationToken.None);
        }
        catch (BlobStoreException)
        {
            // Others wait half an hour, or recognise that this process has ended.
        }
    }

    private static BlobName NameOf(BlobId file) => BlobName.Of(BlobType.Locks, file.ToString());
}
