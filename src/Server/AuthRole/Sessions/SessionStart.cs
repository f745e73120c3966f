using System.Net;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>Who asks for a session and what for, so that its owner recognises it in a list.</summary>
internal sealed record SessionStart(string Address, string UserAgent, string? DeviceId = null, string StartedBy = "")
{
    /// <summary>The start of a session by a program; what it calls itself has been made printable.</summary>
    public static SessionStart By(IPAddress? client, string userAgent, string? deviceId = null) =>
        new(Shortened(client?.ToString() ?? "", AccountSession.LongestAddress), Shortened(userAgent, AccountSession.LongestUserAgent),
            deviceId);

    private static string Shortened(string text, int most) => text.Length > most ? text[..most] : text;
}
