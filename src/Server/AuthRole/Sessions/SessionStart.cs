using System.Net;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>The origin of a session, by which its owner recognizes it in a list.</summary>
internal sealed record SessionStart(string Address, string UserAgent, string? DeviceId = null, string StartedBy = "")
{
    /// <summary>A start by a program; its user agent is made printable.</summary>
    public static SessionStart By(IPAddress? client, string userAgent, string? deviceId = null) =>
        new(Shortened(client?.ToString() ?? "", AccountSession.LongestAddress), Shortened(userAgent, AccountSession.LongestUserAgent),
            deviceId);

    private static string Shortened(string text, int most) => text.Length > most ? text[..most] : text;
}
