using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Numerics;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// AES of the base library, where the processor has no instructions that we know. A call costs more than a block, so counter mode encrypts
/// as many counters per call as stay in the first-level cache.
/// </summary>
internal sealed class LibraryAes : AesCipher
{
    private const int StreamLength = 16 * 1024;

    private readonly byte[] _key;
    private readonly ConcurrentBag<Context> _idle = [];

    public LibraryAes(ReadOnlySpan<byte> key)
    {
        _key = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(_key);
    }

    public override void EncryptBlock(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var context = Rent();
        context.Aes.EncryptEcb(source[..BlockSize], target, PaddingMode.None);
        _idle.Add(context);
    }

    public override void ApplyKeyStream(UInt128 counter, ReadOnlySpan<byte> source, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, source.Length);
        var context = Rent();
        for (var done = 0; done < source.Length; done += StreamLength)
        {
            var length = Math.Min(source.Length - done, StreamLength);
            var stream = context.Stream.AsSpan(0, (length + BlockSize - 1) / BlockSize * BlockSize);
            for (var at = 0; at < stream.Length; at += BlockSize)
            {
                BinaryPrimitives.WriteUInt128BigEndian(stream[at..], counter++);
            }

            context.Aes.EncryptEcb(stream, stream, PaddingMode.None);
            Xor(source.Slice(done, length), stream, target.Slice(done, length));
            CryptographicOperations.ZeroMemory(stream);
        }

        _idle.Add(context);
    }

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        while (_idle.TryTake(out var context))
        {
            context.Aes.Dispose();
        }
    }

    // An instance of Aes serves one thread at a time.
    private Context Rent()
    {
        if (_idle.TryTake(out var context))
        {
            return context;
        }

        var aes = Aes.Create();
        aes.SetKey(_key);
        return new Context(aes, GC.AllocateUninitializedArray<byte>(StreamLength, pinned: true));
    }

    private static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> stream, Span<byte> target)
    {
        var at = 0;
        for (; at <= source.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            (new Vector<byte>(source[at..]) ^ new Vector<byte>(stream[at..])).CopyTo(target[at..]);
        }

        for (; at < source.Length; at++)
        {
            target[at] = (byte)(source[at] ^ stream[at]);
        }
    }

    private sealed record Context(Aes Aes, byte[] Stream);
}
