using System.Buffers;
using System.Text;

namespace Halley.Protocol.Keys;

/// <summary>The bytes of a password: the UTF-8 of its NFKC form, so that every keyboard and operating system makes the same ones.</summary>
internal static class PasswordBytes
{
    private const int RefusedByNormalization = 0xFFFE;

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
    internal static byte[] Of(ReadOnlySpan<char> password) =>
        Ascii.IsValid(password) ? Utf8(password) : UnicodeNormalizer.ToUtf8(password);

    // Pinned, because the garbage collector leaves copies of moved objects behind.
    private static byte[] Utf8(ReadOnlySpan<char> text)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
