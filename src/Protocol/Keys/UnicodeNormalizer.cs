using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Protocol.Keys;

/// <summary>
/// Form NFKC of Unicode 15 (UAX #15), from a table of its own. The framework asks ICU, which a native program does without, and whose
/// version differs from machine to machine; a password has to give the same keys on all of them. Characters of later versions stay as they
/// are.
/// </summary>
/// <remarks>
/// The table <c>nfkc.txt</c> has one line for each character that normalising concerns, in hex: <c>C0 = 41 300</c> decomposes into a pair
/// and is composed again, <c>A0 &lt; 20</c> decomposes for good, <c>300 230</c> is a mark of combining class 230.
/// </remarks>
internal static class UnicodeNormalizer
{
    private const string Resource = "nfkc.txt";

    /// <summary>Characters that one becomes at most: U+FDFA.</summary>
    private const int LongestDecomposition = 18;

    // Syllables of Hangul are computed (Unicode, chapter 3.12).
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int NoTail = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;
    private const int Syllables = Leads * Vowels * Tails;

    private static readonly Lazy<Table> Loaded = new(Load);

    /// <summary>The normalised text as UTF-8 in pinned memory, which the caller erases.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    internal static byte[] ToUtf8(ReadOnlySpan<char> text)
    {
        var table = Loaded.Value;
        var runes = GC.AllocateUninitializedArray<int>(text.Length * LongestDecomposition, pinned: true);
        try
        {
            var length = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                Decompose(table, rune.Value, runes, ref length);
            }

            OrderMarks(table, runes.AsSpan(0, length));
            return Encode(runes.AsSpan(0, Compose(table, runes.AsSpan(0, length))));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(runes.AsSpan()));
        }
    }

    private static void Decompose(Table table, int rune, int[] runes, ref int length)
    {
        if (rune - FirstSyllable is >= 0 and < Syllables and var syllable)
        {
            runes[length++] = FirstLead + syllable / (Vowels * Tails);
            runes[length++] = FirstVowel + syllable / Tails % Vowels;
            if (syllable % Tails > 0)
            {
                runes[length++] = NoTail + syllable % Tails;
            }
        }
        else if (table.Decompositions.TryGetValue(rune, out var parts))
        {
            foreach (var part in parts)
            {
                Decompose(table, part, runes, ref length);
            }
        }
        else
        {
            runes[length++] = rune;
        }
    }

    // Marks that follow a letter, sorted by their class; those of one class keep their order.
    private static void OrderMarks(Table table, Span<int> runes)
    {
        for (var i = 1; i < runes.Length; i++)
        {
            var (mark, rank) = (runes[i], table.ClassOf(runes[i]));
            var place = i;
            for (; rank > 0 && place > 0 && table.ClassOf(runes[place - 1]) > rank; place--)
            {
                runes[place] = runes[place - 1];
            }

            runes[place] = mark;
        }
    }

    private static int Compose(Table table, Span<int> runes)
    {
        const int Nothing = -1;
        var (starter, length, before) = (Nothing, 0, Nothing); // before: class of the mark that stays between starter and this one
        foreach (var rune in runes)
        {
            var rank = table.ClassOf(rune);
            if (starter != Nothing && before < rank && Pair(table, runes[starter], rune) is { } composed)
            {
                runes[starter] = composed;
                continue;
            }

            (starter, before) = rank == 0 ? (length, Nothing) : (starter, rank);
            runes[length++] = rune;
        }

        return length;
    }

    private static int? Pair(Table table, int first, int second)
    {
        if (first - FirstLead is >= 0 and < Leads and var lead && second - FirstVowel is >= 0 and < Vowels and var vowel)
        {
            return FirstSyllable + (lead * Vowels + vowel) * Tails;
        }

        if (first - FirstSyllable is >= 0 and < Syllables and var syllable && syllable % Tails == 0
            && second - NoTail is > 0 and < Tails and var tail)
        {
            return first + tail;
        }

        return table.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static byte[] Encode(ReadOnlySpan<int> runes)
    {
        var count = 0;
        foreach (var rune in runes)
        {
            count += new Rune(rune).Utf8SequenceLength;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(count, pinned: true);
        var rest = bytes.AsSpan();
        foreach (var rune in runes)
        {
            rest = rest[new Rune(rune).EncodeToUtf8(rest)..];
        }

        return bytes;
    }

    private static Table Load()
    {
        var table = new Table();
        using var stream = typeof(UnicodeNormalizer).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not part of the program.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            var rune = Parse(fields[0]);
            if (fields[1] is not ("=" or "<"))
            {
                table.Classes[rune] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
                continue;
            }

            var parts = Array.ConvertAll(fields[2..], Parse);
            table.Decompositions[rune] = parts;
            if (fields[1] == "=")
            {
                table.Compositions[(parts[0], parts[1])] = rune;
            }
        }

        return table;
    }

    private static int Parse(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed class Table
    {
        public Dictionary<int, int[]> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public Dictionary<int, byte> Classes { get; } = [];

        public byte ClassOf(int rune) => Classes.GetValueOrDefault(rune);
    }
}
