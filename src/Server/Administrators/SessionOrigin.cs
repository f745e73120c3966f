using System.Net;

namespace Halley.Server.Administrators;

/// <summary>The origin of a session, by which its owner recognizes it in a list.</summary>
internal sealed record SessionOrigin(IPAddress? Client, string UserAgent)
{
    public const int LongestUserAgent = 200;

    public static SessionOrigin Of(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new SessionOrigin(
            context.Connection.RemoteIpAddress,
            new string([.. agent.Where(letter => letter is >= ' ' and <= '~').Take(LongestUserAgent)]));
    }
}
