using System.Text;
using Halley.Protocol.Keys;

namespace Halley.Client.Tests.Keys;

/// <summary>The table of ours against the framework's ICU, which the tests have.</summary>
public class UnicodeNormalizerTests
{
    [Fact]
    public void Every_character_alone_becomes_what_ICU_makes_of_it() =>
        Assert.All(Characters().Where(character => !IsNewerThanTheTable(character)).Chunk(1000), characters =>
        {
            foreach (var character in characters)
            {
                AssertNormalized(character.ToString());
            }
        });

    [Fact]
    public void Characters_in_any_order_become_what_ICU_makes_of_them()
    {
        var random = new Random(15);
        var pool = Characters().Where(character => !IsNewerThanTheTable(character) && AreDifferent(character)).ToArray();
        Assert.True(pool.Length > 10_000);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder();
            for (var left = random.Next(1, 9); left > 0; left--)
            {
                text.Append(random.Next(3) switch
                {
                    0 => "aeiouAEIOU"[random.Next(10)].ToString(),
                    1 => ((char)random.Next(0x300, 0x370)).ToString(),
                    _ => pool[random.Next(pool.Length)].ToString(),
                });
            }

            AssertNormalized(text.ToString());
        }
    }

    [Fact]
    public void Longest_password_of_marks_is_normalised_in_time()
    {
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0316\u0344", AccountKeys.LongestPassword / 3));

        AssertNormalized($"a{marks}");
    }

    // With Unicode 16 came characters that decompose; an ICU of that version knows them.
    private static bool IsNewerThanTheTable(Rune character) => character.Value is
        (>= 0x105C0 and < 0x10600) or (>= 0x11380 and < 0x11400) or (>= 0x16100 and < 0x16140) or (>= 0x16D40 and < 0x16D80)
        or (>= 0x1CC00 and < 0x1CD00) or (>= 0xA7CB and < 0xA7F2) or (>= 0x897 and < 0x898) or (>= 0x10D69 and < 0x10D6E)
        or (>= 0x10EFC and < 0x10EFD) or (>= 0x1E5EE and < 0x1E5F0);

    private static bool AreDifferent(Rune character) =>
        character.ToString().Normalize(NormalizationForm.FormKD) != character.ToString()
        || $"{character}\u0334".Normalize(NormalizationForm.FormKD) != $"{character}\u0334";

    private static IEnumerable<Rune> Characters() =>
        Enumerable.Range(1, 0x10FFFF).Where(value => Rune.IsValid(value) && value != 0xFFFE).Select(value => new Rune(value));

    private static void AssertNormalized(string text) =>
        Assert.Equal(text.Normalize(NormalizationForm.FormKC), Encoding.UTF8.GetString(UnicodeNormalizer.ToUtf8(text)));
}
