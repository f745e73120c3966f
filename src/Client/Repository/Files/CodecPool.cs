using System.Collections.Concurrent;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Packs;

namespace Halley.Client.Repository.Files;

/// <summary>Encoders and decoders that are lent for a moment: for the small files, and for reading single blobs.</summary>
internal sealed class CodecPool(VaultKey key, int? compressionLevel) : IDisposable
{
    private readonly ConcurrentBag<BlobDecoder> _decoders = [];
    private readonly ConcurrentBag<BlobEncoder> _encoders = [];

    public Lease<BlobDecoder> RentDecoder() =>
        new(_decoders, _decoders.TryTake(out var decoder) ? decoder : new BlobDecoder(key), static decoder => decoder.Trim());

    public Lease<BlobEncoder> RentEncoder()
    {
        var encoder = _encoders.TryTake(out var kept) ? kept : new BlobEncoder(key, compressionLevel, verify: false);
        return new(_encoders, encoder, static encoder => encoder.Trim());
    }

    public void Dispose()
    {
        while (_decoders.TryTake(out var decoder))
        {
            decoder.Dispose();
        }

        while (_encoders.TryTake(out var encoder))
        {
            encoder.Dispose();
        }
    }

    /// <summary>Returns the borrowed object to the pool.</summary>
    internal readonly struct Lease<T>(ConcurrentBag<T> home, T value, Action<T> trim) : IDisposable
    {
        public T Value => value;

        public void Dispose()
        {
            trim(value);
            home.Add(value);
        }
    }
}
