using Halley.Server.StorageRole.Quotas;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>The body of an upload. Counts what arrives, and fails at the end of the quota.</summary>
internal sealed class UploadBody(Stream inner, OpenUpload upload, QuotaReservation? room) : ForwardOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        upload.Add(read);
        return room is null || room.Cover(upload.Bytes) is not { } shortage ? read : throw new QuotaExceededException(shortage);
    }
}

/// <summary>A body has exceeded the quota.</summary>
internal sealed class QuotaExceededException(QuotaShortage shortage) : Exception
{
    public QuotaShortage Shortage => shortage;
}
