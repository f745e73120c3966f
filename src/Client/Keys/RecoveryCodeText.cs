using System.Security.Cryptography;

namespace Halley.Client.Keys;

/// <summary>
/// A recovery code for people. 160 bits and a checksum of 20, the first of SHA-256 over <c>halley/recovery-code/1/</c> and the code, are
/// 36 digits of five bits, most significant first, in Douglas Crockford's base 32: no I, L, O, U, which people mistake for others.
/// </summary>
internal static class RecoveryCodeText
{
    internal const int CodeLength = 20;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int BitsPerDigit = 5;
    private const int ChecksumBytes = 3;
    private const int CodeDigits = CodeLength * 8 / BitsPerDigit;
    private const int Digits = CodeDigits + 4;
    private const int GroupLength = 4;

    private static ReadOnlySpan<byte> ChecksumPrefix => "halley/recovery-code/1/"u8;

    /// <summary>Nine groups of four digits with hyphens between.</summary>
    internal static string Write(ReadOnlySpan<byte> code)
    {
        Span<char> digits = stackalloc char[Digits];
        WriteDigits(code, digits);
        Span<char> text = stackalloc char[Digits + Digits / GroupLength - 1];
        text.Fill('-');
        for (var index = 0; index < Digits; index++)
        {
            text[index + index / GroupLength] = digits[index];
        }

        return new string(text);
    }

    /// <summary>Reads a typed code into <see cref="CodeLength"/> zeros; after false, the content of the buffer is undefined.</summary>
    internal static bool TryRead(ReadOnlySpan<char> typed, Span<byte> code)
    {
        Span<char> digits = stackalloc char[Digits];
        var count = 0;
        foreach (var character in typed)
        {
            if (character == '-' || char.IsWhiteSpace(character))
            {
                continue;
            }

            if (count == Digits)
            {
                return false;
            }

            digits[count++] = DigitOf(character);
        }

        Span<char> written = stackalloc char[Digits];
        return count == Digits && TryReadDigits(digits[..CodeDigits], code) && WriteDigits(code, written).SequenceEqual(digits);
    }

    private static char DigitOf(char typed) => char.ToUpperInvariant(typed) switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        var other => other,
    };

    private static bool TryReadDigits(ReadOnlySpan<char> digits, Span<byte> code)
    {
        uint bits = 0;
        var (count, length) = (0, 0);
        foreach (var digit in digits)
        {
            var value = Alphabet.IndexOf(digit);
            if (value < 0)
            {
                return false;
            }

            bits = (bits << BitsPerDigit) | (uint)value;
            count += BitsPerDigit;
            if (count >= 8)
            {
                count -= 8;
                code[length++] = (byte)(bits >> count);
            }
        }

        return true;
    }

    private static ReadOnlySpan<char> WriteDigits(ReadOnlySpan<byte> code, Span<char> digits)
    {
        Span<byte> bytes = stackalloc byte[CodeLength + ChecksumBytes];
        code.CopyTo(bytes);
        WriteChecksum(code, bytes[CodeLength..]);
        for (var index = 0; index < Digits; index++)
        {
            var (first, skipped) = Math.DivRem(index * BitsPerDigit, 8);
            var pair = (bytes[first] << 8) | bytes[first + 1];
            digits[index] = Alphabet[(pair >> (16 - BitsPerDigit - skipped)) & (Alphabet.Length - 1)];
        }

        CryptographicOperations.ZeroMemory(bytes);
        return digits;
    }

    private static void WriteChecksum(ReadOnlySpan<byte> code, Span<byte> checksum)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ChecksumPrefix);
        hash.AppendData(code);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        digest[..checksum.Length].CopyTo(checksum);
    }
}
