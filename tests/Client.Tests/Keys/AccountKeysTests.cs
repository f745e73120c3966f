using Halley.Protocol.Keys;
using Halley.Testing.Keys;

namespace Halley.Client.Tests.Keys;

public class AccountKeysTests
{
    public static TheoryData<int> Vectors => KeyVectors.Positions(vectors => vectors.AccountKeys);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Keys_are_those_of_the_vectors(int position)
    {
        var vector = KeyVectors.All.AccountKeys[position];

        Assert.True(AccountKeys.TryDerive(vector.Kdf, vector.Username, vector.Password, out var keys, out var problem), vector.Name);
        using (keys)
        {
            Assert.Null(problem);
            Assert.Equal(vector.LKey, keys.LKey);
            Assert.Equal(vector.RKey, Convert.ToHexStringLower(keys.RKey));
            Assert.Equal(AccountKeys.LKeyDigits, keys.LKey.Length);
            Assert.Equal(AccountKeys.RKeyLength, keys.RKey.Length);
        }
    }

    [Fact]
    public void Vectors_that_tell_passwords_apart_or_not_do_so()
    {
        var keys = KeyVectors.All.AccountKeys.ToDictionary(vector => vector.Name, vector => vector.LKey);

        Assert.Equal(keys["umlauts, composed"], keys["umlauts, combining accents: same as composed"]);
        Assert.Equal(keys["ligature, full-width letters, circled digit"], keys["what these are compatible with: same keys"]);
        Assert.Equal(keys.Count - 2, keys.Values.Distinct().Count());
    }

    [Theory]
    [InlineData(0, "alice", "secret", AccountKeysProblem.UnknownKdf)]
    [InlineData(2, "alice", "secret", AccountKeysProblem.UnknownKdf)]
    [InlineData(-1, "", "", AccountKeysProblem.UnknownKdf)]
    [InlineData(1, "", "secret", AccountKeysProblem.EmptyUsername)]
    [InlineData(1, null, "secret", AccountKeysProblem.EmptyUsername)]
    [InlineData(1, "alice", "", AccountKeysProblem.EmptyPassword)]
    [InlineData(1, "alice", null, AccountKeysProblem.EmptyPassword)]
    public void What_cannot_be_derived_is_told_by_a_value(int kdf, string? username, string? password, AccountKeysProblem expected) =>
        AssertRefused(expected, kdf, username, password);

    // Half of an emoji, the halves in the wrong order, one at the end, and the one character that normalising refuses.
    [Fact]
    public void Text_that_is_not_Unicode_is_told_by_a_value()
    {
        foreach (var broken in new[] { "\ud83d", "\udd11", "a\udd11\ud83dz", "secret\ud83d", "\u00e4\ud83d\u0308", "a\ufffeb" })
        {
            AssertRefused(AccountKeysProblem.PasswordIsNotText, 1, "alice", broken);
            AssertRefused(AccountKeysProblem.UsernameIsNotText, 1, broken, "secret");
        }
    }

    [Fact]
    public void Password_that_would_keep_a_server_busy_is_refused()
    {
        var marks = "a" + new string('\u0301', AccountKeys.LongestPassword / 2) + new string('\u0316', AccountKeys.LongestPassword / 2);

        AssertRefused(AccountKeysProblem.PasswordTooLong, 1, "alice", marks);
        Assert.True(AccountKeys.TryDeriveLKey(1, "alice", marks.AsSpan(1), out _, out _));
    }

    [Fact]
    public void R_key_is_erased_on_disposal()
    {
        Assert.True(AccountKeys.TryDerive(1, "alice", "secret", out var keys, out _));
        var held = keys.RKey;
        Assert.True(held.ContainsAnyExcept((byte)0));

        keys.Dispose();

        Assert.False(held.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => keys.RKey.Length);
    }

    private static void AssertRefused(AccountKeysProblem expected, int kdf, string? username, string? password)
    {
        Assert.False(AccountKeys.TryDerive(kdf, username, password, out var keys, out var problem));
        Assert.Null(keys);
        Assert.Equal(expected, problem);
        Assert.False(AccountKeys.TryDeriveLKey(kdf, username, password, out var lKey, out var lKeyProblem));
        Assert.Null(lKey);
        Assert.Equal(expected, lKeyProblem);
    }
}
