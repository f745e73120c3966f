using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Server.Live;

/// <summary>What devices say of their operating system.</summary>
internal static class PlatformVersions
{
    private const int Longest = 2000;

    /// <summary>Null when it cannot be read.</summary>
    public static OSInfo? Read(string json)
    {
        if (json.Length == 0)
        {
            return new OSInfo();
        }

        try
        {
            return json.Length <= Longest ? JsonSerializer.Deserialize<OSInfo>(json, CometJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
