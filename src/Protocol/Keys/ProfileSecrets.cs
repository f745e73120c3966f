using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Halley.Protocol.Keys;

/// <summary>All secrets of a profile, which a change of the password seals anew: another password is another R-key.</summary>
public static class ProfileSecrets
{
    /// <summary>
    /// Opens all secrets with the old R-key and seals them with the new one: all or none, because any left behind would be lost with the
    /// old password. A caller that sacrifices the unreadable ones removes them from the list and calls again.
    /// </summary>
    /// <param name="oldRKey">24 bytes: the R-key of the old password, or the one that a recovery code opened.</param>
    /// <param name="newRKey">24 bytes: the R-key of the new password.</param>
    /// <param name="secrets">Every sealed secret of the profile, in any order.</param>
    /// <param name="rewrapped">The same secrets in the same order, sealed anew; null when one cannot be opened.</param>
    /// <param name="unreadable">
    /// Positions in <paramref name="secrets"/> of those that the old key does not open, ascending; empty when it opens all.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An R-key has another length or was erased, or a purpose is empty: a mistake of the program.
    /// </exception>
    public static bool TryRewrap(
        ReadOnlySpan<byte> oldRKey, ReadOnlySpan<byte> newRKey, IReadOnlyList<SealedSecret> secrets,
        [NotNullWhen(true)] out IReadOnlyList<SealedSecret>? rewrapped, out IReadOnlyList<int> unreadable)
    {
        var done = new List<SealedSecret>(secrets.Count);
        var lost = new List<int>();
        for (var position = 0; position < secrets.Count; position++)
        {
            var (purpose, text) = secrets[position];
            if (!ProfileSecret.TryOpen(oldRKey, purpose, text, out var secret))
            {
                lost.Add(position);
                continue;
            }

            done.Add(new SealedSecret(purpose, ProfileSecret.Seal(newRKey, purpose, secret)));
            CryptographicOperations.ZeroMemory(secret);
        }

        rewrapped = lost.Count == 0 ? done : null;
        unreadable = lost;
        return lost.Count == 0;
    }
}
