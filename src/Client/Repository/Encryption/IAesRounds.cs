using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// The AES instructions of one processor family. Intel adds the round key after the substitution, Arm before it; every method gets all
/// round keys and takes the one that its instruction wants.
/// </summary>
internal interface IAesRounds
{
    /// <summary>What comes before round 1.</summary>
    static abstract Vector128<byte> Begin(Vector128<byte> block, ref readonly Vector128<byte> keys);

    /// <summary>One round with mixed columns, from 1 on.</summary>
    static abstract Vector128<byte> Round(Vector128<byte> block, ref readonly Vector128<byte> keys, int round);

    /// <summary>The last round, which doesn't mix columns.</summary>
    static abstract Vector128<byte> LastRound(Vector128<byte> block, ref readonly Vector128<byte> keys, int round);

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

    public static uint Substitute(uint word) =>
        ArmAes.Encrypt(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();
}
