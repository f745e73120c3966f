using System.Security.Cryptography;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;

namespace Halley.Benchmarks.Client;

/// <summary>What a million blobs of an index take.</summary>
internal static class IndexMemory
{
    private const int Million = 1_000_000;
    private const int BlobsPerPack = 8;

    /// <summary>Bytes on the heap for an index of a million blobs in packs of eight.</summary>
    public static long Measure()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new VaultIndex();
        var blobs = new PackedBlob[BlobsPerPack];
        for (var pack = 0; pack < Million / BlobsPerPack; pack++)
        {
            for (var blob = 0; blob < blobs.Length; blob++)
            {
                blobs[blob] = new PackedBlob(RandomId(), BlobKind.Data, (uint)blob << 20, 1 << 20, 2 << 20);
            }

            index.AddPack(RandomId(), blobs);
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(index);
        return bytes;
    }

    private static BlobId RandomId()
    {
        Span<byte> id = stackalloc byte[BlobId.Length];
        RandomNumberGenerator.Fill(id);
        return new BlobId(id);
    }
}
