using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Keys;
using Halley.Server.Credentials;
using Halley.Testing.Keys;

namespace Halley.Server.Tests.Credentials;

/// <summary>The server's end of the vectors that the client's tests read too: from a password to the stored hash.</summary>
public class KeyVectorTests
{
    public static TheoryData<int> Vectors => KeyVectors.Positions(vectors => vectors.AccountKeys);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Server_derives_the_L_key_of_the_vectors_from_a_password(int position)
    {
        var vector = KeyVectors.All.AccountKeys[position];

        Assert.True(AccountKeys.TryDeriveLKey(vector.Kdf, vector.Username, vector.Password, out var lKey, out _), vector.Name);
        Assert.Equal(vector.LKey, lKey);
    }

    // The hashes were made by another bcrypt; that they fit the L-key, and only it, is what keeps accounts alive across versions of the
    // library.
    [Fact]
    public void Stored_hash_of_the_vectors_is_that_of_the_L_key_and_of_nothing_else()
    {
        var vectors = KeyVectors.All.AccountKeys.Where(vector => vector.StoredHash is not null).ToList();

        Assert.True(vectors.Count >= 2);
        foreach (var vector in vectors)
        {
            var seenByBcrypt = Convert.ToBase64String(SHA512.HashData(Encoding.UTF8.GetBytes(vector.LKey)))[..72];
            Assert.True(BCrypt.Net.BCrypt.Verify(seenByBcrypt, vector.StoredHash), vector.Name);
            Assert.True(CredentialHasher.Verify(vector.LKey, CredentialHasher.CurrentFormat, vector.StoredHash!), vector.Name);
            foreach (var other in new[] { vector.RKey, vector.Password, vector.LKey.ToUpperInvariant(), vector.LKey + vector.RKey })
            {
                Assert.False(CredentialHasher.Verify(other, CredentialHasher.CurrentFormat, vector.StoredHash!), vector.Name);
            }
        }
    }
}
