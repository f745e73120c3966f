using System.Text.Json;
using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;

namespace Halley.Server.Access;

/// <summary>
/// What an administrator may do: some of the vendor's flags forbid, others allow. Text that is not of that shape allows nothing.
/// </summary>
internal sealed class AdministratorPermissions : IEquatable<AdministratorPermissions>
{
    public const string Unrestricted = "{}";

    /// <summary>Claim of a signed-in administrator that holds the document.</summary>
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

    /// <summary>The vendor's document as it was stored.</summary>
    public string Json { get; }

    /// <summary>The same, as flags and lists. Shared by everybody: not to be changed.</summary>
    public AdminUserPermissions Flags { get; }

    /// <summary>The only policies of backup users that the administrator may use, by their ids; null for any.</summary>
    public IReadOnlyList<string>? AllowedPolicies => !_isReadable ? [] : Flags.AllowedUserPolicies is { Count: > 0 } some ? some : null;

    /// <summary>The only kinds of storage of which the administrator may make vaults; null for any.</summary>
    public IReadOnlyList<ulong>? AllowedStorageTypes =>
        !_isReadable ? [] : Flags.ShouldRestrictProviderList ? Flags.AllowedProvidersWhenRestricted : null;

    public static AdministratorPermissions Parse(string json) => json == Unrestricted ? All : new AdministratorPermissions(json);

    public static string ToJson(AdminUserPermissions flags) => JsonSerializer.Serialize(flags, CometJson.Options);

    /// <summary>
    /// True when all of it is allowed. Whoever may edit the settings of the server may edit each part of them, so what the "allow" flags
    /// give on top matters to administrators of organizations and to restricted ones.
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
            _ => false,
        });
    }

    public bool Equals(AdministratorPermissions? other) => other is not null && Json == other.Json;

    public override bool Equals(object? obj) => Equals(obj as AdministratorPermissions);

    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);
}
