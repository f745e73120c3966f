using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.Administrators.SecondFactors;

/// <summary>Secrets of authenticator apps as they are stored: encrypted, each for one administrator.</summary>
internal sealed class TotpSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Administrators.TotpSecret");

    public string Protect(Guid administratorId, byte[] secret) =>
        Convert.ToBase64String(_protector.CreateProtector(administratorId.ToString()).Protect(secret));

    /// <summary>Null when it cannot be read, as after the loss of the keys: then only a recovery code helps.</summary>
    public byte[]? Unprotect(Guid administratorId, string stored)
    {
        try
        {
            return _protector.CreateProtector(administratorId.ToString()).Unprotect(Convert.FromBase64String(stored));
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
