using System.Text.Json;
using Xunit;

namespace Halley.Testing.Keys;

/// <summary>
/// <c>vectors.json</c>: the permanent values of keys, sealed secrets and recovery codes. The client's and the server's tests read the same
/// file, which was created without any of our code.
/// </summary>
public sealed record KeyVectors(
    IReadOnlyList<AccountKeysVector> AccountKeys, IReadOnlyList<ProfileSecretVector> ProfileSecrets,
    IReadOnlyList<RecoveryCodeVector> RecoveryCodes)
{
    private static readonly Lazy<KeyVectors> File = new(() => JsonSerializer.Deserialize<KeyVectors>(
        System.IO.File.ReadAllText(Checkout.PathOf("tests/Testing/Keys/vectors.json")), JsonSerializerOptions.Web)!);

    public static KeyVectors All => File.Value;

    /// <summary>Positions of the vectors of one list, for theories: a test's name cannot hold the vectors themselves.</summary>
    public static TheoryData<int> Positions<T>(Func<KeyVectors, IReadOnlyList<T>> list) => [.. Enumerable.Range(0, list(All).Count)];
}

/// <summary>Keys in hex, and the server's stored hash of the L-key if the vector has one.</summary>
public sealed record AccountKeysVector(
    string Name, int Kdf, string Username, string Password, string LKey, string RKey, string? StoredHash);

/// <summary>A sealed secret; R-key, nonce and secret in hex.</summary>
public sealed record ProfileSecretVector(string Name, string RKey, string Purpose, string Nonce, string Secret, string Text);

/// <summary>A recovery code in hex and as people see it, and the R-key (hex) sealed with it.</summary>
public sealed record RecoveryCodeVector(string Name, string Code, string Text, string RKey, string Nonce, string Wrapped);
