using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>Reads a pack once and verifies its name, its blobs and its header. For all workers.</summary>
internal sealed class PackCheck(Vault vault, VaultIndex index, CheckFindings findings) : IDisposable
{
    private const int LongestPack = 512 << 20;
    private const int HashedAtOnce = 1 << 20;

    private readonly ConcurrentBag<BlobDecoder> _decoders = [];

    /// <summary>Verifies a pack.</summary>
    public async ValueTask RunAsync(BlobId id, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(BlobType.Data, id.ToString());
        using var pack = await vault.OpenPackAsync(id, cancellationToken);
        if (pack is null)
        {
            findings.Add(VaultFindingKind.MissingPack, name, $"{name} has gone during the check. Check again.");
            return;
        }

        if (await HashAsync(pack, cancellationToken) != id)
        {
            findings.Add(
                VaultFindingKind.DamagedPack, name,
                $"{name} is damaged: its content is not what its name says. Get it from a copy of the vault, or run `halley repair`.");
        }

        var decoder = _decoders.TryTake(out var free) ? free : vault.CreateDecoder();
        try
        {
            await RunAsync(pack, id, decoder, cancellationToken);
        }
        finally
        {
            _decoders.Add(decoder);
        }
    }

    public void Dispose()
    {
        foreach (var decoder in _decoders)
        {
            decoder.Dispose();
        }
    }

    internal static async ValueTask<BlobId> HashAsync(PackReader pack, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(HashedAtOnce);
        try
        {
            for (long offset = 0; offset < Math.Min(pack.Length, LongestPack);)
            {
                var read = await pack.ReadStoredAsync(offset, buffer, cancellationToken);
                if (read == 0)
                {
                    break;
                }

                hash.AppendData(buffer.AsSpan(0, read));
                offset += read;
            }

            return new BlobId(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask RunAsync(PackReader pack, BlobId id, BlobDecoder decoder, CancellationToken cancellationToken)
    {
        var name = pack.Name;
        IReadOnlyList<PackedBlob> blobs;
        try
        {
            blobs = await pack.ReadHeaderAsync(decoder, cancellationToken);
        }
        catch (VaultException error)
        {
            findings.Add(VaultFindingKind.DamagedPack, name, error.Message);
            blobs = index.FindPack(id) is { } indexed ? [.. indexed.Blobs.Select(entry => entry.Blob).OrderBy(blob => blob.Offset)] : [];
        }

        CompareHeader(name, id, blobs);
        await VerifyBlobsAsync(pack, blobs, decoder, cancellationToken);
    }

    private void CompareHeader(BlobName name, BlobId id, IReadOnlyList<PackedBlob> header)
    {
        if (index.FindPack(id) is { } indexed && !indexed.Blobs.Select(entry => entry.Blob).ToHashSet().SetEquals(header))
        {
            findings.Add(
                VaultFindingKind.OtherHeader, name,
                $"{name} holds other blobs than the index says. Run `halley reindex`, then check again.");
        }
    }

    private async ValueTask VerifyBlobsAsync(
        PackReader pack, IReadOnlyList<PackedBlob> blobs, BlobDecoder decoder, CancellationToken cancellationToken)
    {
        try
        {
            await pack.ReadManyAsync(
                blobs, decoder,
                blob =>
                {
                    if (blob.Damage != BlobDamage.None)
                    {
                        findings.Add(
                            VaultFindingKind.DamagedBlob, pack.Name,
                            $"Blob {blob.Blob.Id} in {pack.Name} is damaged: {BlobDamageText.Of(blob.Damage)}. "
                            + "Get the pack from a copy of the vault, or run `halley repair`.",
                            blob.Blob.Id);
                    }

                    return ValueTask.CompletedTask;
                },
                cancellationToken);
        }
        catch (VaultException error)
        {
            findings.Add(VaultFindingKind.DamagedPack, pack.Name, error.Message);
        }
    }
}
