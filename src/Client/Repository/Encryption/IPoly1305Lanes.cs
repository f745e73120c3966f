using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Halley.Client.Repository.Encryption;

/// <summary>A vector of 64-bit numbers that work alike: one number of every block that is worked on at once.</summary>
internal interface IPoly1305Lanes<T>
    where T : struct, IPoly1305Lanes<T>
{
    /// <summary>How many blocks that is.</summary>
    static abstract int Count { get; }

    /// <summary>The sum over the lanes.</summary>
    ulong Sum { get; }

    /// <summary>The same number in all lanes.</summary>
    static abstract T All(ulong value);

    /// <summary>A number in the lane of the first block, and 0 in the others.</summary>
    static abstract T First(ulong value);

    /// <summary>The low and high halves of the blocks from <paramref name="at"/> on.</summary>
    static abstract (T Low, T High) Load(ref byte bytes, nuint at);

    static abstract T operator +(T left, T right);

    static abstract T operator &(T left, T right);

    static abstract T operator |(T left, T right);

    static abstract T operator <<(T value, int count);

    static abstract T operator >>>(T value, int count);

    /// <summary>The products of the low 32 bits.</summary>
    static abstract T operator *(T left, T right);
}

/// <summary>Four lanes by AVX2. They hold the blocks 0, 2, 1, 3, as the unpacking leaves them.</summary>
internal readonly struct Avx2Lanes(Vector256<ulong> value) : IPoly1305Lanes<Avx2Lanes>
{
    private readonly Vector256<ulong> _value = value;

    public static int Count => Vector256<ulong>.Count;

    public ulong Sum => Vector256.Sum(_value);

    public static Avx2Lanes All(ulong value) => new(Vector256.Create(value));

    public static Avx2Lanes First(ulong value) => new(Vector256.CreateScalar(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Avx2Lanes Low, Avx2Lanes High) Load(ref byte bytes, nuint at)
    {
        var first = Vector256.LoadUnsafe(ref bytes, at).AsUInt64();
        var second = Vector256.LoadUnsafe(ref bytes, at + (nuint)Vector256<byte>.Count).AsUInt64();
        return (new(Avx2.UnpackLow(first, second)), new(Avx2.UnpackHigh(first, second)));
    }

    public static Avx2Lanes operator +(Avx2Lanes left, Avx2Lanes right) => new(left._value + right._value);

    public static Avx2Lanes operator &(Avx2Lanes left, Avx2Lanes right) => new(left._value & right._value);

    public static Avx2Lanes operator |(Avx2Lanes left, Avx2Lanes right) => new(left._value | right._value);

    public static Avx2Lanes operator <<(Avx2Lanes value, int count) => new(value._value << count);

    public static Avx2Lanes operator >>>(Avx2Lanes value, int count) => new(value._value >>> count);

    public static Avx2Lanes operator *(Avx2Lanes left, Avx2Lanes right) =>
        new(Avx2.Multiply(left._value.AsUInt32(), right._value.AsUInt32()));
}

/// <summary>
/// Two lanes by SSE2, which every x64 processor has: for those without AVX2, and for programs that are compiled to run on them.
/// </summary>
internal readonly struct Sse2Lanes(Vector128<ulong> value) : IPoly1305Lanes<Sse2Lanes>
{
    private readonly Vector128<ulong> _value = value;

    public static int Count => Vector128<ulong>.Count;

    public ulong Sum => Vector128.Sum(_value);

    public static Sse2Lanes All(ulong value) => new(Vector128.Create(value));

    public static Sse2Lanes First(ulong value) => new(Vector128.CreateScalar(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Sse2Lanes Low, Sse2Lanes High) Load(ref byte bytes, nuint at)
    {
        var first = Vector128.LoadUnsafe(ref bytes, at).AsUInt64();
        var second = Vector128.LoadUnsafe(ref bytes, at + (nuint)Vector128<byte>.Count).AsUInt64();
        return (new(Sse2.UnpackLow(first, second)), new(Sse2.UnpackHigh(first, second)));
    }

    public static Sse2Lanes operator +(Sse2Lanes left, Sse2Lanes right) => new(left._value + right._value);

    public static Sse2Lanes operator &(Sse2Lanes left, Sse2Lanes right) => new(left._value & right._value);

    public static Sse2Lanes operator |(Sse2Lanes left, Sse2Lanes right) => new(left._value | right._value);

    public static Sse2Lanes operator <<(Sse2Lanes value, int count) => new(value._value << count);

    public static Sse2Lanes operator >>>(Sse2Lanes value, int count) => new(value._value >>> count);

    public static Sse2Lanes operator *(Sse2Lanes left, Sse2Lanes right) =>
        new(Sse2.Multiply(left._value.AsUInt32(), right._value.AsUInt32()));
}
