using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Keys;

/// <summary>
/// Moves the secrets of a profile from one R-key to another, for a change of the password. Every text of the document that has the form of
/// a sealed secret is treated as one: the seal is authenticated, so opening it proves the key.
/// </summary>
public static class ProfileSecretsRewrap
{
    private const string Version = "1.";
    private const int ShortestSealed = 40;
    private static readonly SearchValues<char> Base64UrlLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly string[] Purposes = [SecretPurpose.VaultKey, SecretPurpose.BucketKey, SecretPurpose.SourcePassword];

    /// <summary>Seals all secrets anew, except <see cref="UserProfileConfig.PasswordRecovery"/>, which holds the R-key itself.</summary>
    /// <param name="profile">The profile, which stays as it is.</param>
    /// <param name="oldRKey">24 bytes: the R-key of the old password.</param>
    /// <param name="newRKey">24 bytes: the R-key of the new password.</param>
    /// <param name="moved">The same profile with its secrets sealed anew; null when one would be lost.</param>
    /// <returns>False when a secret was sealed with another key and would be lost.</returns>
    public static bool TryMove(
        UserProfileConfig profile, ReadOnlySpan<byte> oldRKey, ReadOnlySpan<byte> newRKey, [NotNullWhen(true)] out UserProfileConfig? moved)
    {
        var type = CometJson.TypeOf<UserProfileConfig>();
        var document = JsonSerializer.SerializeToNode(profile, type)!;
        var isMoved = true;
        Move(document, [], oldRKey, newRKey, ref isMoved);
        moved = isMoved ? document.Deserialize(type) : null;
        return moved is not null;
    }

    private static void Move(
        JsonNode node, IReadOnlyList<string> path, ReadOnlySpan<byte> oldRKey, ReadOnlySpan<byte> newRKey, ref bool isMoved)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (name == nameof(UserProfileConfig.PasswordRecovery) && path.Count == 0)
                    {
                        continue;
                    }

                    if (MoveText(value, [.. path, name], oldRKey, newRKey, ref isMoved) is { } moved)
                    {
                        fields[name] = moved;
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (MoveText(items[i], path, oldRKey, newRKey, ref isMoved) is { } moved)
                    {
                        items[i] = moved;
                    }
                }

                break;
        }
    }

    private static string? MoveText(
        JsonNode? value, IReadOnlyList<string> path, ReadOnlySpan<byte> oldRKey, ReadOnlySpan<byte> newRKey, ref bool isMoved)
    {
        if (value is not JsonValue text)
        {
            if (value is not null)
            {
                Move(value, path, oldRKey, newRKey, ref isMoved);
            }

            return null;
        }

        if (!text.TryGetValue<string>(out var secret) || !LooksSealed(secret))
        {
            return null;
        }

        foreach (var purpose in Purposes.SelectMany(purpose => path.Select(id => SecretPurpose.For(purpose, id)).Prepend(purpose)))
        {
            if (ProfileSecret.TryOpen(oldRKey, purpose, secret, out var opened))
            {
                var sealedAgain = ProfileSecret.Seal(newRKey, purpose, opened);
                CryptographicOperations.ZeroMemory(opened);
                return sealedAgain;
            }
        }

        isMoved = false;
        return null;
    }

    private static bool LooksSealed(string text) =>
        text.Length >= ShortestSealed && text.StartsWith(Version, StringComparison.Ordinal)
        && !text.AsSpan(Version.Length).ContainsAnyExcept(Base64UrlLetters);
}
