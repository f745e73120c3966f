using QRCoder;

namespace Halley.Server.Credentials;

/// <summary>A new secret for an authenticator app, shown once: as QR code, as link and as text to type.</summary>
internal sealed record TotpSetUp(string Image, string Link, string Secret)
{
    private const string Issuer = "Halley";

    public static TotpSetUp Of(string username, byte[] secret)
    {
        var link = Totp.LinkOf(Issuer, username, secret);
        using var data = QRCodeGenerator.GenerateQrCode(link, QRCodeGenerator.ECCLevel.M);
        using var picture = new PngByteQRCode(data);
        return new TotpSetUp($"data:image/png;base64,{Convert.ToBase64String(picture.GetGraphic(6))}", link, Base32.Encode(secret));
    }
}
