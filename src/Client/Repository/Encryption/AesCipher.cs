using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// AES with a 16- or 32-byte key: single blocks, and counter mode as the vault format has it. Safe for any number of threads at once;
/// Dispose erases the key.
/// </summary>
internal abstract class AesCipher : IDisposable
{
    public const int BlockSize = 16;

    /// <summary>
    /// The fastest implementation that this processor can run, or the base library's without <paramref name="intrinsics"/>.
    /// </summary>
    public static AesCipher Create(ReadOnlySpan<byte> key, bool intrinsics) => intrinsics switch
    {
        true when X86Aes.IsSupported => new IntrinsicAes<X86Rounds>(key),
        true when ArmAes.IsSupported => new IntrinsicAes<ArmRounds>(key),
        _ => new LibraryAes(key),
    };

    public abstract void EncryptBlock(ReadOnlySpan<byte> source, Span<byte> target);

    /// <summary>
    /// Encrypts or decrypts: source XOR the key stream. Source and target have the same length and are either the same memory or apart.
    /// </summary>
    /// <param name="counter">Of the first block. All 128 bits count, big-endian, and wrap to 0.</param>
    public abstract void ApplyKeyStream(UInt128 counter, ReadOnlySpan<byte> source, Span<byte> target);

    public abstract void Dispose();
}
