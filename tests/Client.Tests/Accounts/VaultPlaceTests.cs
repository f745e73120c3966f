using Halley.Client.Accounts;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Accounts;

/// <summary>A place goes into a profile and comes out of it as it was, with its secret sealed.</summary>
public class VaultPlaceTests
{
    private static readonly byte[] RKey = [.. Enumerable.Repeat((byte)7, AccountKeys.RKeyLength)];

    [Theory]
    [InlineData(null, "https://backup.example.com/halley/vault/b1/", "b1", "0123456789abcdef", DestinationTypes.Server)]
    [InlineData(null, "https://nas.example.com:8000/vault/", "anna", "secret", DestinationTypes.RestServer)]
    [InlineData(null, "https://nas.example.com/vault/b1/", "anna", "secret", DestinationTypes.RestServer)]
    [InlineData(null, "http://127.0.0.1:8000/", "", "", DestinationTypes.RestServer)]
    [InlineData("/mnt/disk/vault", null, "", "", DestinationTypes.LocalPath)]
    public void Place_is_the_same_after_a_round_trip(string? directory, string? server, string name, string secret, ulong type)
    {
        var place = new VaultPlace(directory, server is null ? null : new Uri(server), name, secret);
        var config = new DestinationConfig { EncryptionKeyEncryptionMethod = ProfileSecret.Method };

        place.WriteTo(config, RKey);

        var vault = new ProfileVault("1", config);
        Assert.Equal(type, config.DestinationType);
        Assert.True(vault.IsSupported);
        Assert.True(place.IsOf(config));
        Assert.Equal(place, vault.OpenPlace(RKey));
        Assert.Equal(directory ?? server, vault.Place);
        Assert.True(secret.Length == 0 || config.CometBucketKey.StartsWith("1.", StringComparison.Ordinal));
    }

    [Fact]
    public void Place_that_replaces_another_leaves_nothing_of_it()
    {
        var config = new DestinationConfig { EncryptionKeyEncryptionMethod = ProfileSecret.Method };
        new VaultPlace(null, new Uri("https://backup.example.com/vault/b1/"), "b1", "0123456789abcdef").WriteTo(config, RKey);

        new VaultPlace("/mnt/disk", null, "", "").WriteTo(config, RKey);

        Assert.Equal(("", "", ""), (config.CometServer, config.CometBucket, config.CometBucketKey));
    }
}
