using System.Net;

namespace Halley.Client.Agent.Connection;

/// <summary>
/// The proxy for connections to servers: an own setting, or the one of the environment (<c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>,
/// <c>ALL_PROXY</c>, <c>NO_PROXY</c>).
/// </summary>
public static class ProxyChoice
{
    /// <summary>The own setting that means no proxy at all.</summary>
    public const string None = "none";

    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    /// <summary>The proxy to use; null for none.</summary>
    /// <param name="own">The own setting: an address, <see cref="None"/>, or null or empty for that of the environment.</param>
    /// <exception cref="FormatException">The own setting is not an address of a proxy.</exception>
    public static IWebProxy? Of(string? own)
    {
        if (string.IsNullOrEmpty(own))
        {
            return HttpClient.DefaultProxy;
        }

        if (own == None)
        {
            return null;
        }

        if (!Uri.TryCreate(own, UriKind.Absolute, out var address) || !Schemes.Contains(address.Scheme) || address.Host.Length == 0)
        {
            throw new FormatException(
                "The address of the proxy cannot be read. Write it like http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.");
        }

        return new WebProxy(new UriBuilder(address) { UserName = "", Password = "" }.Uri) { Credentials = CredentialsIn(address) };
    }

    private static NetworkCredential? CredentialsIn(Uri address) =>
        address.UserInfo.Split(':', 2) is not [{ Length: > 0 } name, .. var rest] ? null
        : new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(rest.FirstOrDefault("")));
}
