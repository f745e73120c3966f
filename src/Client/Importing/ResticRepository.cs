using System.Diagnostics.CodeAnalysis;
using Halley.Protocol;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>A vault that restic has used. It opens with the password of its wrapper until it gets a key of the account.</summary>
/// <param name="PlaceKey">The key of its bucket or the password of its server; empty for a place that needs none. A secret.</param>
/// <param name="Password">Its password. A secret.</param>
public sealed record ResticRepository(string PlaceKey, string Password)
{
    /// <summary>Says nothing secret.</summary>
    public override string ToString() => nameof(ResticRepository);

    /// <summary>Reads the address of a vault as restic writes it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <param name="place">The vault in a profile, without its keys.</param>
    /// <param name="placeKey">The key of its place.</param>
    /// <returns>False for kinds of places that this program cannot open.</returns>
    internal static bool TryRead(
        string address, string folder, [NotNullWhen(true)] out DestinationConfig? place, out string placeKey)
    {
        (place, placeKey) = (null, "");
        if (address.StartsWith("rest:", StringComparison.Ordinal))
        {
            if (!Uri.TryCreate(address[5..], UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                return false;
            }

            var userInfo = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
            placeKey = userInfo.ElementAtOrDefault(1) ?? "";
            var bucket = url.AbsolutePath.Trim('/').Split('/')[^1];
            var prefix = url.AbsolutePath.TrimEnd('/');
            var ending = bucket.Length == 0 ? null : Routes.ToVault(bucket).TrimEnd('/');
            var server = new UriBuilder(url) { UserName = "", Password = "", Query = "", Fragment = "" };
            if (ending is not null && prefix.EndsWith(ending, StringComparison.Ordinal) && userInfo[0] == bucket && placeKey.Length > 0)
            {
                server.Path = $"{prefix[..^ending.Length]}/";
                place = new DestinationConfig
                {
                    DestinationType = DestinationTypes.Server,
                    CometServer = server.Uri.AbsoluteUri,
                    CometBucket = bucket,
                };
                return true;
            }

            server.Path = $"{prefix}/";
            place = new DestinationConfig
            {
                DestinationType = DestinationTypes.RestServer,
                CometServer = server.Uri.AbsoluteUri,
                CometBucket = userInfo[0],
            };
            return true;
        }

        var path = address.StartsWith("local:", StringComparison.Ordinal) ? address[6..] : address;
        if (path.Length == 0 || (path == address && path.IndexOf(':', StringComparison.Ordinal) > 1))
        {
            return false;
        }

        place = new DestinationConfig
        {
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = Path.GetFullPath(Path.Combine(folder, path)),
        };
        return true;
    }
}
