using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Client.Repository;

/// <summary>
/// A SHA-256: the name of a blob (of its plaintext) and of every file of a vault (of its bytes as stored). 32 bytes, no allocation.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BlobId : IEquatable<BlobId>, IComparable<BlobId>
{
    /// <summary>Length in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Length of the text in hex digits.</summary>
    public const int TextLength = 2 * Length;

    // The bytes in their order, independent of the machine's byte order. Used only to compare for equality and to hash, never as numbers.
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are fewer or more.</exception>
    public BlobId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"An id has {Length} bytes.", nameof(bytes));
        }

        this = MemoryMarshal.Read<BlobId>(bytes);
    }

    /// <summary>True for 32 zero bytes, which are not the id of anything.</summary>
    public bool IsZero => (_first | _second | _third | _fourth) == 0;

    /// <summary>The first byte; <c>check --read-data-subset</c> divides packs by it.</summary>
    public byte FirstByte => AsBytes(in this)[0];

    /// <summary>64 well-mixed bits for hash tables.</summary>
    internal ulong Bits => _first;

    /// <summary>The first eight hex digits, for people.</summary>
    public string ShortText => Convert.ToHexStringLower(AsBytes(in this)[..4]);

    /// <summary>The id of some content.</summary>
    public static BlobId Of(ReadOnlySpan<byte> content)
    {
        Unsafe.SkipInit(out BlobId id);
        SHA256.HashData(content, MemoryMarshal.AsBytes(new Span<BlobId>(ref id)));
        return id;
    }

    /// <summary>32 random bytes.</summary>
    public static BlobId Random()
    {
        Unsafe.SkipInit(out BlobId id);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<BlobId>(ref id)));
        return id;
    }

    /// <summary>Reads exactly 64 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BlobId id)
    {
        Span<byte> ascii = stackalloc byte[TextLength];
        id = default;
        return text.Length == TextLength && Ascii.FromUtf16(text, ascii, out _) == OperationStatus.Done && TryParse(ascii, out id);
    }

    /// <summary>Reads exactly 64 lower-case hex digits in ASCII.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out BlobId id)
    {
        id = default;
        if (text.Length != TextLength || text.ContainsAnyInRange((byte)'A', (byte)'F'))
        {
            return false;
        }

        var bytes = MemoryMarshal.AsBytes(new Span<BlobId>(ref id));
        if (Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done)
        {
            return true;
        }

        id = default;
        return false;
    }

    /// <summary>Reads the id in the name of a file of a vault.</summary>
    /// <exception cref="FormatException">It is not 64 lower-case hex digits.</exception>
    public static BlobId Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an id.");

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> bytes) => AsBytes(in this).CopyTo(bytes);

    /// <summary>Writes 64 hex digits in ASCII.</summary>
    public void WriteText(Span<byte> ascii) => Convert.TryToHexStringLower(AsBytes(in this), ascii, out _);

    /// <summary>True when the id begins with these hex digits.</summary>
    public bool StartsWith(ReadOnlySpan<char> digits) => ToString().AsSpan().StartsWith(digits, StringComparison.Ordinal);

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsBytes(in this));

    /// <inheritdoc/>
    public bool Equals(BlobId other) =>
        _first == other._first && _second == other._second && _third == other._third && _fourth == other._fourth;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is BlobId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _first.GetHashCode();

    /// <summary>Compares byte by byte, as the hex texts compare.</summary>
    public int CompareTo(BlobId other) => AsBytes(in this).SequenceCompareTo(AsBytes(in other));

    /// <summary>Equality of all 32 bytes.</summary>
    public static bool operator ==(BlobId left, BlobId right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(BlobId left, BlobId right) => !left.Equals(right);

    /// <summary>Order of the bytes.</summary>
    public static bool operator <(BlobId left, BlobId right) => left.CompareTo(right) < 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >(BlobId left, BlobId right) => left.CompareTo(right) > 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator <=(BlobId left, BlobId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >=(BlobId left, BlobId right) => left.CompareTo(right) >= 0;

    private static ReadOnlySpan<byte> AsBytes(ref readonly BlobId id) => MemoryMarshal.AsBytes(new ReadOnlySpan<BlobId>(in id));
}
