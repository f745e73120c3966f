using System.Buffers.Text;
using System.Security.Cryptography;
using Halley.Protocol.Keys;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// The R-keys that the server keeps for accounts that were created with this option (StoreRecoveryCode in the vendor's API), so that an
/// administrator's reset can move the secrets of the profile to the new password. Such an account is not zero-knowledge: see
/// docs/decisions/0005-account-recovery.md.
/// </summary>
internal sealed class KeptRKeys(IDataProtectionProvider protection)
{
    private const string Prefix = "server.1.";
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Accounts.Recovery");

    /// <summary>True for text that the server wrote, as opposed to an R-key that a client sealed for the owner of the account.</summary>
    public static bool IsKeptHere(string recovery) => recovery.StartsWith(Prefix, StringComparison.Ordinal);

    public string Keep(Guid accountId, ReadOnlySpan<byte> rKey) =>
        Prefix + Base64Url.EncodeToString(_protector.CreateProtector(accountId.ToString()).Protect(rKey.ToArray()));

    /// <summary>The R-key, which the caller must erase; null when this server did not write the text for this account.</summary>
    public byte[]? Open(Guid accountId, string recovery)
    {
        if (!IsKeptHere(recovery))
        {
            return null;
        }

        try
        {
            var rKey = _protector.CreateProtector(accountId.ToString())
                .Unprotect(Base64Url.DecodeFromChars(recovery.AsSpan(Prefix.Length)));
            return rKey.Length == AccountKeys.RKeyLength ? rKey : null;
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
