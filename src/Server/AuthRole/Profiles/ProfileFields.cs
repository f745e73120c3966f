using System.Reflection;
using System.Text.Json;
using Halley.Protocol.Comet;

namespace Halley.Server.AuthRole.Profiles;

internal static class ProfileFields
{
    private static readonly PropertyInfo[] All = [.. typeof(UserProfileConfig).GetProperties().Where(property => property.CanWrite)];

    /// <summary>Makes a document the same as another one, with nothing shared.</summary>
    public static void ReplaceBy(this UserProfileConfig profile, UserProfileConfig other)
    {
        var copy = CometJson.Copy(other);
        foreach (var property in All)
        {
            property.SetValue(profile, property.GetValue(copy));
        }
    }

    /// <summary>True when both would be written alike.</summary>
    public static bool AreSame<T>(T one, T other) =>
        JsonSerializer.SerializeToUtf8Bytes(one, CometJson.Options).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, CometJson.Options));
}
