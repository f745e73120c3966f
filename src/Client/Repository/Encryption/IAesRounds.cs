using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// The AES instructions of one processor family. Intel adds the round key after the substitution, Arm before it. Every method receives all
/// round keys and uses the one that its instruction needs.
/// </summary>
internal interface IAesRounds
{
    /// <summary>The operation before round 1.</summary>
    static abstract Vector128<byte> Begin(Vector128<byte> block, ref readonly Vector128<byte> keys);

    /// <summary>One round with mixed columns, from 1 on.</summary>
    static abstract Vector128<byte> Round(Vector128<byte> block, ref readonly Vector128<byte> keys, int round);

    /// <summary>The last round, which doesn't mix columns.</summary>
    static abstract Vector128<byte> LastRound(Vector128<byte> block, ref readonly Vector128<byte> keys, int round);

    /// <summary>Turns the order of the 16 bytes round.</summary>
    static abstract Vector128<byte> Reverse(Vector128<ulong> block);

    /// <summary>Substitutes the bytes of a word by the S-box, in constant time.</summary>
    static abstract uint Substitute(uint word);
}

internal readonly struct X86Rounds : IAesRounds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Begin(Vector128<byte> block, ref readonly Vector128<byte> keys) => block ^ keys;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> block, ref readonly Vector128<byte> keys, int round) =>
        X86Aes.Encrypt(block, Unsafe.Add(ref Unsafe.AsRef(in keys), round));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> block, ref readonly Vector128<byte> keys, int round) =>
        X86Aes.EncryptLast(block, Unsafe.Add(ref Unsafe.AsRef(in keys), round));

    // A processor with AES has SSSE3 as well. Compiled ahead of time for any x64, the portable shuffle would be a call in the inner loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Reverse(Vector128<ulong> block) =>
        Ssse3.Shuffle(block.AsByte(), Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));

    // Four equal columns: shifting the rows changes nothing.
    public static uint Substitute(uint word) =>
        X86Aes.EncryptLast(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();
}

internal readonly struct ArmRounds : IAesRounds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Begin(Vector128<byte> block, ref readonly Vector128<byte> keys) => block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> block, ref readonly Vector128<byte> keys, int round) =>
        ArmAes.MixColumns(ArmAes.Encrypt(block, Unsafe.Add(ref Unsafe.AsRef(in keys), round - 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LastRound(Vector128<byte> block, ref readonly Vector128<byte> keys, int round) =>
        ArmAes.Encrypt(block, Unsafe.Add(ref Unsafe.AsRef(in keys), round - 1)) ^ Unsafe.Add(ref Unsafe.AsRef(in keys), round);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Reverse(Vector128<ulong> block) =>
        Vector128.Shuffle(block.AsByte(), Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));

    public static uint Substitute(uint word) =>
        ArmAes.Encrypt(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();
}
