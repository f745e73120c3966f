namespace Halley.Server.StorageRole.Transfers;

/// <summary>Addresses of servers as people write them.</summary>
internal static class TransferAddress
{
    /// <summary>An http or https address with a slash at its end; null when it is none.</summary>
    public static string? Normalize(string? text) =>
        text is { Length: <= 500 } && Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
            ? address.AbsoluteUri.TrimEnd('/') + "/"
            : null;
}
