using System.Net;
using System.Threading.RateLimiting;

namespace Halley.Server.Credentials;

/// <summary>
/// Room for computing bcrypt: a few at a time for everybody, one at a time for an address. Whoever floods the server with wrong keys
/// waits behind himself, and the rest of the processor stays with uploads.
/// </summary>
internal sealed class VerificationSlots(CredentialOptions options) : IDisposable
{
    private const int QueueOfAll = 256;
    private const int QueueOfOneClient = 8;

    private readonly ConcurrencyLimiter _all = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.MaxParallelVerifications,
        QueueLimit = QueueOfAll,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private readonly PartitionedRateLimiter<IPAddress> _byClient = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        client => RateLimitPartition.GetConcurrencyLimiter(client, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = 1,
            QueueLimit = QueueOfOneClient,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));

    /// <summary>Waits for a slot and runs the work in it, off the request's thread; false when there are too many waiting already.</summary>
    public async Task<(bool Done, T? Result)> TryRunAsync<T>(IPAddress? client, Func<T> work)
    {
        using var own = await _byClient.AcquireAsync(Neighbourhood.Of(client));
        if (!own.IsAcquired)
        {
            return (false, default);
        }

        using var shared = await _all.AcquireAsync();
        return shared.IsAcquired ? (true, await Task.Run(work)) : (false, default);
    }

    public void Dispose()
    {
        _all.Dispose();
        _byClient.Dispose();
    }
}
