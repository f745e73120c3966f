using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>That a device has signed in with a one-time code.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="App">Identifies the authenticator app whose code it was; another app makes the proof worthless.</param>
/// <param name="IssuedAt">UTC time of that sign-in. A device that was registered again later has no proof.</param>
internal sealed record DeviceProof(Guid AccountId, string DeviceId, string App, DateTime IssuedAt);

/// <summary>
/// Proofs with which a device signs in again without a code, so that it works unattended. Nothing is stored here: a proof is encrypted by
/// Data Protection, and ends with the device or the app.
/// </summary>
internal sealed class DeviceProofs(IDataProtectionProvider protection, TimeProvider time)
{
    private const int LongestProof = 4000;
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Accounts.DeviceProof");

    public string Issue(Guid accountId, string deviceId, string app)
    {
        var proof = new DeviceProof(accountId, deviceId, app, time.GetUtcNow().UtcDateTime);
        return Base64Url.EncodeToString(_protector.Protect(JsonSerializer.SerializeToUtf8Bytes(proof)));
    }

    /// <summary>The proof; null for text that this server did not write.</summary>
    public DeviceProof? Read(string? text)
    {
        if (text is null or { Length: > LongestProof })
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<DeviceProof>(_protector.Unprotect(Base64Url.DecodeFromChars(text)));
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Identifies an app by its stored secret.</summary>
    public static string Identify(byte[] totpSecret) => Convert.ToHexStringLower(SHA256.HashData(totpSecret));
}
