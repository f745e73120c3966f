using System.Security.Cryptography;
using System.Text;
using Halley.Client.Keys;
using Halley.Protocol.Keys;

namespace Halley.Client.Tests.Keys;

public class ProfileSecretsTests
{
    private readonly byte[] _oldRKey = RandomNumberGenerator.GetBytes(24);
    private readonly byte[] _newRKey = RandomNumberGenerator.GetBytes(24);

    [Fact]
    public void Secrets_move_to_the_new_key_in_their_order()
    {
        var secrets =
            new[] { Sealed("vault-key/1", "a"), Sealed("bucket-key/1", "b"), Sealed("source-password", ""), Sealed("vault-key/1", "a") };

        Assert.True(ProfileSecrets.TryRewrap(_oldRKey, _newRKey, secrets, out var rewrapped, out var unreadable));

        Assert.Empty(unreadable);
        Assert.Equal(secrets.Select(secret => secret.Purpose), rewrapped.Select(secret => secret.Purpose));
        Assert.Equal(["a", "b", "", "a"], rewrapped.Select(secret => Opened(_newRKey, secret)));
        Assert.All(rewrapped, secret => Assert.Null(Opened(_oldRKey, secret)));
        Assert.Equal(["a", "b", "", "a"], secrets.Select(secret => Opened(_oldRKey, secret)));
    }

    [Fact]
    public void Nothing_moves_when_one_cannot_be_opened_and_the_answer_says_which()
    {
        var good = Sealed("vault-key/1", "a");
        SealedSecret[] secrets =
            [good with { Purpose = "vault-key/2" }, good, new("bucket-key", null), good, new("bucket-key", "1.garbage")];

        Assert.False(ProfileSecrets.TryRewrap(_oldRKey, _newRKey, secrets, out var rewrapped, out var unreadable));

        Assert.Null(rewrapped);
        Assert.Equal([0, 2, 4], unreadable);
        Assert.True(
            ProfileSecrets.TryRewrap(_oldRKey, _newRKey, [.. secrets.Where((_, at) => !unreadable.Contains(at))], out rewrapped, out _));
        Assert.Equal(2, rewrapped.Count);
    }

    [Fact]
    public void Profile_without_secrets_needs_nothing()
    {
        Assert.True(ProfileSecrets.TryRewrap(_oldRKey, _newRKey, [], out var rewrapped, out var unreadable));
        Assert.Empty(rewrapped);
        Assert.Empty(unreadable);
    }

    [Fact]
    public void New_keys_of_buckets_and_vaults_are_128_random_bits_in_hex()
    {
        var keys = Enumerable.Range(0, 200).SelectMany(_ => new[] { RandomKeys.BucketKey(), RandomKeys.VaultKey() }).ToList();

        Assert.All(keys, key => Assert.Matches(@"\A[0-9a-f]{32}\z", key));
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.All(Enumerable.Range(0, 32), at => Assert.Equal(16, keys.Select(key => key[at]).Distinct().Count()));
    }

    private SealedSecret Sealed(string purpose, string secret) =>
        new(purpose, ProfileSecret.Seal(_oldRKey, purpose, Encoding.UTF8.GetBytes(secret)));

    private static string? Opened(byte[] rKey, SealedSecret secret) =>
        ProfileSecret.TryOpen(rKey, secret.Purpose, secret.Text, out var opened) ? Encoding.UTF8.GetString(opened) : null;
}
