using Halley.Cli.Settings;
using Halley.Client.Accounts;
using Halley.Client.Keys;

namespace Halley.Cli.Vaults;

/// <summary>Where a vault is. Its text names no secret.</summary>
/// <param name="Directory">A directory of this machine; null for a vault on a server.</param>
/// <param name="Server">Address of the vault on its server, without name and key, with a slash at its end.</param>
/// <param name="UserName">Name for the server: the bucket.</param>
/// <param name="Secret">Password for the server: a key of the bucket.</param>
/// <param name="Key">The key of a vault of the account, in place of a password; null when the password is asked for.</param>
internal sealed record VaultAddress(string? Directory, Uri? Server, string UserName, string Secret, EKey? Key = null)
{
    private const string Rest = "rest:";
    private const string Local = "local:";

    private static readonly string[] OtherStores = ["s3", "sftp", "b2", "azure", "gs", "swift", "rclone"];

    /// <summary>Reads an address as restic writes it, or the plain address of a bucket.</summary>
    public static VaultAddress Parse(string text)
    {
        if (text.StartsWith(Rest, StringComparison.Ordinal))
        {
            return ParseServer(text[Rest.Length..]);
        }

        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return ParseServer(text);
        }

        var scheme = OtherStores.FirstOrDefault(store => text.StartsWith($"{store}:", StringComparison.Ordinal));
        return scheme is not null
            ? throw new CommandException(
                $"Vaults on {scheme} cannot be opened yet. Use a directory, or a server that speaks restic's REST protocol.")
            : new(Path.GetFullPath(text.StartsWith(Local, StringComparison.Ordinal) ? text[Local.Length..] : text), null, "", "");
    }

    /// <summary>That of a vault of the account.</summary>
    public static VaultAddress Of(VaultPlace place, EKey key) => new(place.Directory, place.Server, place.UserName, place.Secret, key);

    /// <summary>The place, without a key.</summary>
    public VaultPlace ToPlace() => new(Directory, Server, UserName, Secret);

    /// <summary>For people and logs.</summary>
    public override string ToString() => Directory ?? $"{Rest}{Server}";

    /// <summary>As stock restic needs it, with name and key.</summary>
    public string ToResticText()
    {
        var credential = $"{Uri.EscapeDataString(UserName)}:{Uri.EscapeDataString(Secret)}@";
        return Directory ?? $"{Rest}{Server!.Scheme}://{(credential.Length > 2 ? credential : "")}{Server.Authority}{Server.AbsolutePath}";
    }

    private static VaultAddress ParseServer(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw new CommandException("The address of the vault cannot be read. Write it like rest:https://NAME:KEY@HOST/vault/NAME/.");
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new CommandException("The address of a vault has no '?' and no '#'. Write such characters of a key as %3F and %23.");
        }

        var (name, secret) = uri.UserInfo.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? (uri.UserInfo[..colon], uri.UserInfo[(colon + 1)..])
            : (uri.UserInfo, "");
        name = name.Length > 0 ? Uri.UnescapeDataString(name) : Variables.Get("REST_USERNAME") ?? BucketOf(uri);
        secret = secret.Length > 0 ? Uri.UnescapeDataString(secret) : Variables.Get("REST_PASSWORD") ?? "";
        var path = uri.AbsolutePath.EndsWith('/') ? uri.AbsolutePath : $"{uri.AbsolutePath}/";
        return new(null, new Uri($"{uri.Scheme}://{uri.Authority}{path}"), name, secret);
    }

    // The name that opens a bucket of Halley is the bucket's, so it need not be given.
    private static string BucketOf(Uri uri) =>
        uri.Segments is [.., "vault/", var bucket] ? Uri.UnescapeDataString(bucket.TrimEnd('/')) : "";
}
