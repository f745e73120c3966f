using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// Random initialization vectors. A call to the system's generator costs as much as sealing a few kilobytes, so they are drawn 64 at a
/// time. Safe for any number of threads at once.
/// </summary>
internal sealed class InitializationVectors
{
    private const int Length = AesCipher.BlockSize;

    private readonly Lock _gate = new();
    private readonly byte[] _batch = new byte[64 * Length];
    private int _used = 64 * Length;

    public void Next(Span<byte> vector)
    {
        lock (_gate)
        {
            // The format forbids the vector of zeros.
            do
            {
                if (_used == _batch.Length)
                {
                    RandomNumberGenerator.Fill(_batch);
                    _used = 0;
                }

                _batch.AsSpan(_used, Length).CopyTo(vector);
                _used += Length;
            }
            while (!vector[..Length].ContainsAnyExcept((byte)0));
        }
    }
}
