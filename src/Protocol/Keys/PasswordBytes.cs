using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Protocol.Keys;

/// <summary>The bytes of a password: the UTF-8 of its NFKC form, so that every keyboard and operating system makes the same ones.</summary>
internal static class PasswordBytes
{
    private const int RefusedByNormalization = 0xFFFE;

    // Without ICU (invariant globalization), the framework returns every text unchanged and reports no error.
    private static readonly bool NormalizationWorks = "\uFB01".Normalize(NormalizationForm.FormKC) == "fi";

    /// <summary>True for well-formed UTF-16 that can be normalised.</summary>
    internal static bool IsText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var used) != OperationStatus.Done || rune.Value == RefusedByNormalization)
            {
                return false;
            }

            text = text[used..];
        }

        return true;
    }

    /// <summary>The bytes of a password for which <see cref="IsText"/> is true. The caller erases the bytes.</summary>
    /// <exception cref="PlatformNotSupportedException">The password is not ASCII and this installation cannot normalise.</exception>
    internal static byte[] Of(ReadOnlySpan<char> password)
    {
        if (Ascii.IsValid(password))
        {
            return Utf8(password);
        }

        if (!NormalizationWorks)
        {
            // The keys would be wrong, and no other machine could open the secrets sealed with them.
            throw new PlatformNotSupportedException(
                "This system cannot normalise Unicode. Install ICU (libicu) and turn DOTNET_SYSTEM_GLOBALIZATION_INVARIANT off.");
        }

        var normalized = GC.AllocateUninitializedArray<char>(password.GetNormalizedLength(NormalizationForm.FormKC), pinned: true);
        try
        {
            return password.TryNormalize(normalized, out var length, NormalizationForm.FormKC)
                ? Utf8(normalized.AsSpan(0, length))
                : throw new InvalidOperationException("The normal form is longer than the framework said.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(normalized.AsSpan()));
        }
    }

    // Pinned, because the garbage collector leaves copies of moved objects behind.
    private static byte[] Utf8(ReadOnlySpan<char> text)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
