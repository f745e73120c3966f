using Halley.Protocol.Administrators;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.CometApi.Wire;

/// <summary>A passkey as the vendor describes it, without its key.</summary>
internal static class PasskeyWire
{
    public static AdminWebAuthnRegistration Of(UserPasskeyInfo passkey) => new()
    {
        Description = passkey.Name ?? "",
        RegisterTime = passkey.CreatedAt.ToUnixTimeSeconds(),
        ID = passkey.CredentialId,
    };
}
