namespace Halley.Server.Organizations;

/// <summary>Host names of tenants, as administrators write them and as requests carry them.</summary>
internal static class HostNames
{
    public const string Rule =
        "A host is a name or an address as it stands in the address bar, such as backup.example.com, without a scheme and a path.";

    /// <summary>The name in the form that is compared; null when it is none.</summary>
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

    /// <summary>True when a request to this host is one to that name: the port counts only where the name has one.</summary>
    public static bool Match(string name, HostString host) =>
        string.Equals(name, host.Host, StringComparison.OrdinalIgnoreCase)
            || string.Equals(name, host.Value, StringComparison.OrdinalIgnoreCase);
}
