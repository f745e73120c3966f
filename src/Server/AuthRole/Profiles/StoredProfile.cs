using System.Reflection;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.SignIn;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>A profile as it was read: the whole document, the hash of its state, and the account it belongs to.</summary>
internal sealed record StoredProfile(Account Account, UserProfileConfig Profile)
{
    public string Hash => Account.ProfileHash;
}

internal static class ProfileFields
{
    private static readonly PropertyInfo[] All = [.. typeof(UserProfileConfig).GetProperties().Where(property => property.CanWrite)];

    /// <summary>Overwrites all fields of a document with a deep copy of those of another one.</summary>
    public static void ReplaceWith(this UserProfileConfig profile, UserProfileConfig other)
    {
        var copy = CometJson.Copy(other);
        foreach (var property in All)
        {
            property.SetValue(profile, property.GetValue(copy));
        }
    }
}
