using System.Data.Common;
using System.Threading.Channels;
using Halley.Server.Instances;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Events;

/// <summary>
/// Notices that this or another instance has stored events, so that readers need not wait for the next poll. It is only a hint; the
/// database decides once the transaction has ended.
/// </summary>
internal sealed class EventWakeUp : ISaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly ChangeNotices _notices;
    private readonly Channel<bool> _signals =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public EventWakeUp(ChangeNotices notices)
    {
        _notices = notices;
        notices.Follow(Changes.Events, () =>
        {
            _signals.Writer.TryWrite(true);
            return Task.CompletedTask;
        });
    }

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Look(eventData.Context);
        return result;
    }

    public ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Look(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Look(eventData.Context);

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Look(eventData.Context);
        return Task.CompletedTask;
    }

    /// <summary>Waits for the next hint, but no longer than <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Task hint = _signals.Reader.WaitToReadAsync(either.Token).AsTask();
        await hint.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _signals.Reader.TryRead(out _);
    }

    private void Look(DbContext? database)
    {
        if (database?.ChangeTracker.Entries<EventRecord>().Any() == true)
        {
            _signals.Writer.TryWrite(true);
            _notices.Announce(Changes.Events);
        }
    }
}
