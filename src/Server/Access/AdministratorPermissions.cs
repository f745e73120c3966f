using System.Text.Json;
using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;

namespace Halley.Server.Access;

/// <summary>The permissions of an administrator: some of the vendor's flags forbid, others allow. Malformed text allows nothing.</summary>
internal sealed class AdministratorPermissions : IEquatable<AdministratorPermissions>
{
    public const string Unrestricted = "{}";

    /// <summary>Claim with the permissions document of a signed-in administrator.</summary>
    public const string Claim = "halley:permissions";
    private readonly bool _isReadable;

    private AdministratorPermissions(string json)
    {
        Json = json;
        try
        {
            Flags = JsonSerializer.Deserialize<AdminUserPermissions>(json, CometJson.Options) ?? new AdminUserPermissions();
            _isReadable = true;
        }
        catch (JsonException)
        {
            Flags = new AdminUserPermissions();
        }
    }

    public static AdministratorPermissions All { get; } = new(Unrestricted);

    /// <summary>The vendor's document as it is stored.</summary>
    public string Json { get; }

    /// <summary>The document as flags and lists. The object is shared: do not change it.</summary>
    public AdminUserPermissions Flags { get; }

    /// <summary>Ids of the only policies for backup users that the administrator may use; null for any.</summary>
    public IReadOnlyList<string>? AllowedPolicies => !_isReadable ? [] : Flags.AllowedUserPolicies is { Count: > 0 } some ? some : null;

    /// <summary>The only kinds of storage for which the administrator may create vaults; null for any.</summary>
    public IReadOnlyList<ulong>? AllowedStorageTypes =>
        !_isReadable ? [] : Flags.ShouldRestrictProviderList ? Flags.AllowedProvidersWhenRestricted : null;

    public static AdministratorPermissions Parse(string json) => json == Unrestricted ? All : new AdministratorPermissions(json);

    public static string ToJson(AdminUserPermissions flags) => JsonSerializer.Serialize(flags, CometJson.Options);

    /// <summary>
    /// True if the administrator has all of <paramref name="requires"/>. The right to edit the server's settings includes every part of
    /// them. So the "allow" flags only matter to administrators of organizations and to restricted ones.
    /// </summary>
    public bool Allow(Requires requires, bool isTopLevel)
    {
        var settings = isTopLevel && !Flags.PreventEditServerSettings;
        return _isReadable && Enum.GetValues<Requires>().Where(one => requires.HasFlag(one)).All(one => one switch
        {
            Requires.None => true,
            Requires.TopLevel => isTopLevel,
            Requires.EditServerSettings => settings,
            Requires.ShutDownServer => isTopLevel && !Flags.PreventServerShutdown,
            Requires.ChangePassword => !Flags.PreventChangePassword,
            Requires.EditBranding => settings || Flags.AllowEditBranding,
            Requires.EditEmailOptions => settings || Flags.AllowEditEmailOptions,
            Requires.EditRemoteStorage => settings || Flags.AllowEditRemoteStorage,
            Requires.EditWebhooks => settings || Flags.AllowEditWebhooks,
            Requires.EditExternalSignIn => settings || Flags.AllowEditExternalAuthSources,
            Requires.ViewServerHistory => !Flags.DenyViewServerHistory,
            Requires.ViewServerInfo => !Flags.DenyViewServerInfo,
            Requires.DeleteStorageVault => !Flags.PreventDeleteStorageVault,
            Requires.RequestStorageVault => !Flags.PreventRequestStorageVault,
            Requires.AddCustomStorageVault => !Flags.PreventAddCustomStorageVault,
            Requires.ConstellationRole => !Flags.DenyConstellationRole,
            Requires.SoftwareBuildRole => !Flags.DenySoftwareBuildRole,
            // The vendor has no flag of their own for these; the one for settings means an administrator that only looks after users.
            Requires.EditIntegrations or Requires.ActAsUser => !Flags.PreventEditServerSettings,
            _ => false,
        });
    }

    public bool Equals(AdministratorPermissions? other) => other is not null && Json == other.Json;

    public override bool Equals(object? obj) => Equals(obj as AdministratorPermissions);

    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);
}
