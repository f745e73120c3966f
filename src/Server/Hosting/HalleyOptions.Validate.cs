using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Halley.Server.Hosting;

internal sealed partial class HalleyOptions : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DataDirectory.Contains('\0') || File.Exists(DataDirectory))
        {
            yield return new ValidationResult("must be a directory, but a file of that name exists", [nameof(DataDirectory)]);
        }

        if (KeysDirectory is { } keys && (keys.Contains('\0') || File.Exists(keys)))
        {
            yield return new ValidationResult("must be a directory, but a file of that name exists", [nameof(KeysDirectory)]);
        }

        if (PackagesDirectory is { Length: > 0 } packages && !Directory.Exists(packages))
        {
            yield return new ValidationResult(
                "must be an existing directory, as deploy/build-packages.sh makes it", [nameof(PackagesDirectory)]);
        }

        if (PublicUrl is not null && !IsWebAddress(PublicUrl))
        {
            yield return new ValidationResult(
                "must be an http:// or https:// address without query, for example https://backup.example.org", [nameof(PublicUrl)]);
        }

        for (var i = 0; i < TrustedProxies.Length; i++)
        {
            if (!IPAddress.TryParse(TrustedProxies[i], out _) && !IPNetwork.TryParse(TrustedProxies[i], out _))
            {
                yield return new ValidationResult(
                    "must be an IP address or a network such as 10.0.0.0/8 or fd00::/8", [$"{nameof(TrustedProxies)}:{i}"]);
            }
        }
    }

    private static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0
            && url.Fragment.Length == 0;
}
