using System.Net;

namespace Halley.Server.Credentials;

/// <summary>The origin of a session, by which its owner recognizes it in a list. The user agent is made printable.</summary>
internal sealed record SessionOrigin
{
    public const int LongestAddress = 45;
    public const int LongestUserAgent = 200;

    public SessionOrigin(IPAddress? client, string userAgent)
    {
        var address = client?.ToString() ?? "";
        Address = address.Length > LongestAddress ? address[..LongestAddress] : address;
        UserAgent = new string([.. userAgent.Where(letter => letter is >= ' ' and <= '~').Take(LongestUserAgent)]);
    }

    public string Address { get; }

    public string UserAgent { get; }

    public static SessionOrigin Of(HttpContext context) =>
        new(context.Connection.RemoteIpAddress, context.Request.Headers.UserAgent.ToString());
}
