namespace Halley.Server.Organizations;

/// <summary>Compares the host names of organizations with those of requests.</summary>
internal static class HostNames
{
    public const string Rule =
        "A host is a name or an address as it stands in the address bar, such as backup.example.com, without a scheme and a path.";

    /// <summary>The normalized name for comparison; null if the text is not a host name.</summary>
    public static string? Normalize(string name)
    {
        var host = name.Trim().ToLowerInvariant().TrimEnd('.');
        return host.Length is > 0 and <= OrganizationHost.LongestName
            && Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var uri)
            && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
            && !host.Contains('/', StringComparison.Ordinal)
            && uri.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
                ? host
                : null;
    }

    /// <summary>True if a request to this host matches the name. The port matters only if the name has one.</summary>
    public static bool Match(string name, HostString host) =>
        string.Equals(name, host.Host, StringComparison.OrdinalIgnoreCase)
            || string.Equals(name, host.Value, StringComparison.OrdinalIgnoreCase);
}
