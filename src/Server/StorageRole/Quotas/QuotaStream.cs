using Halley.Server.Hosting;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>A body of unknown length. It counts while it is read, and fails at the end of the quota.</summary>
internal sealed class QuotaStream(Stream inner, QuotaReservation reservation) : ForwardOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        return reservation.TryGrow(read) ? read : throw new QuotaExceededException();
    }
}

/// <summary>A body has exceeded the quota.</summary>
internal sealed class QuotaExceededException : Exception;
