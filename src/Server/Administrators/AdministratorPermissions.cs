using System.Text.Json;
using Halley.Server.Hosting;

namespace Halley.Server.Administrators;

/// <summary>
/// What an administrator may do, as the vendor's AdminUserPermissions: some flags forbid, others allow. Text that is not of that shape
/// allows nothing.
/// </summary>
internal sealed class AdministratorPermissions : IEquatable<AdministratorPermissions>
{
    public const string Unrestricted = "{}";
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly bool _isReadable;

    private AdministratorPermissions(string json)
    {
        Json = json;
        try
        {
            using var document = JsonDocument.Parse(json);
            _flags.UnionWith(document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.True).Select(field => field.Name));
            AllowedUserPolicies = [.. Items(document, "AllowedUserPolicies").Select(item => item.GetString() ?? "")];
            AllowedProviders = _flags.Contains("ShouldRestrictProviderList")
                ? [.. Items(document, "AllowedProvidersWhenRestricted").Select(item => item.GetUInt64())]
                : null;
            _isReadable = true;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            AllowedProviders = [];
        }
    }

    public static AdministratorPermissions All { get; } = new(Unrestricted);

    /// <summary>The vendor's document as it was stored.</summary>
    public string Json { get; }

    /// <summary>Ids of the only policies he may give to users; empty for any.</summary>
    public IReadOnlyList<string> AllowedUserPolicies { get; } = [];

    /// <summary>The only kinds of destination he may use, null for any.</summary>
    public IReadOnlyList<ulong>? AllowedProviders { get; }

    public bool HideCloudStorageBranding => _flags.Contains(nameof(HideCloudStorageBranding));

    public static AdministratorPermissions Parse(string json) => json == Unrestricted ? All : new AdministratorPermissions(json);

    /// <summary>
    /// True when all of it is allowed. Whoever may edit the settings of the server may edit each part of them, so what the "allow" flags
    /// give on top matters to administrators of organizations and to restricted ones.
    /// </summary>
    public bool Allow(Requires requires, bool isTopLevel)
    {
        var settings = isTopLevel && !_flags.Contains("PreventEditServerSettings");
        return _isReadable && Enum.GetValues<Requires>().Where(one => requires.HasFlag(one)).All(one => one switch
        {
            Requires.None => true,
            Requires.TopLevel => isTopLevel,
            Requires.EditServerSettings => settings,
            Requires.ShutDownServer => isTopLevel && !_flags.Contains("PreventServerShutdown"),
            Requires.ChangePassword => !_flags.Contains("PreventChangePassword"),
            Requires.EditBranding => settings || _flags.Contains("AllowEditBranding"),
            Requires.EditEmailOptions => settings || _flags.Contains("AllowEditEmailOptions"),
            Requires.EditRemoteStorage => settings || _flags.Contains("AllowEditRemoteStorage"),
            Requires.EditWebhooks => settings || _flags.Contains("AllowEditWebhooks"),
            Requires.EditExternalSignIn => settings || _flags.Contains("AllowEditExternalAuthSources"),
            Requires.ViewServerHistory => !_flags.Contains("DenyViewServerHistory"),
            Requires.ViewServerInfo => !_flags.Contains("DenyViewServerInfo"),
            Requires.DeleteStorageVault => !_flags.Contains("PreventDeleteStorageVault"),
            Requires.RequestStorageVault => !_flags.Contains("PreventRequestStorageVault"),
            Requires.AddCustomStorageVault => !_flags.Contains("PreventAddCustomStorageVault"),
            Requires.ConstellationRole => !_flags.Contains("DenyConstellationRole"),
            Requires.SoftwareBuildRole => !_flags.Contains("DenySoftwareBuildRole"),
            _ => false,
        });
    }

    public bool Equals(AdministratorPermissions? other) => other is not null && Json == other.Json;

    public override bool Equals(object? obj) => Equals(obj as AdministratorPermissions);

    public override int GetHashCode() => Json.GetHashCode(StringComparison.Ordinal);

    private static JsonElement.ArrayEnumerator Items(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var list) && list.ValueKind != JsonValueKind.Null ? list.EnumerateArray() : default;
}
