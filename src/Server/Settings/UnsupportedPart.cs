using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;

namespace Halley.Server.Settings;

/// <summary>
/// A part of the vendor's configuration that this server does not have. A call that sets the part alone is refused; a whole configuration
/// is stored without it.
/// </summary>
/// <param name="Reason">What must hold, and why.</param>
/// <param name="IsUsed">True when the part is switched on.</param>
/// <param name="Remove">Switches it off.</param>
internal sealed record UnsupportedPart(string Reason, Func<ServerConfigOptions, bool> IsUsed, Action<ServerConfigOptions> Remove)
{
    public static IReadOnlyList<UnsupportedPart> All { get; } =
    [
        new(
            "SoftwareBuildRole.RoleEnabled must be false: this server does not build installers.",
            options => options.SoftwareBuildRole.RoleEnabled, options => options.SoftwareBuildRole.RoleEnabled = false),
        new(
            "SoftwareBuildRole.AllowUnauthenticatedDownloads must be false: there is nothing to download.",
            options => options.SoftwareBuildRole.AllowUnauthenticatedDownloads,
            options => options.SoftwareBuildRole.AllowUnauthenticatedDownloads = false),
        new(
            "ConstellationRole.RoleEnabled must be false: this server does not look for buckets that nobody uses.",
            options => options.ConstellationRole.RoleEnabled || options.OverseerRole.RoleEnabled,
            options => (options.ConstellationRole.RoleEnabled, options.OverseerRole.RoleEnabled) = (false, false)),
        new(
            "ReplicateTo must be empty: this server does not copy itself to others.",
            options => options.AuthenticationRole.ReplicateTo.Count + options.StorageRole.ReplicateTo.Count > 0,
            options => (options.AuthenticationRole.ReplicateTo, options.StorageRole.ReplicateTo) = ([], [])),
        new(
            "StorageRole.Storage must be empty: add volumes with /api/v2/volumes.",
            options => options.StorageRole.LocalStorage.Count > 0 || options.StorageRole.Storage.DestinationType != 0,
            options => (options.StorageRole.LocalStorage, options.StorageRole.Storage) = ([], new DestinationLocation())),
        new(
            "SelfBackup.Targets must be empty: this server does not back itself up.",
            options => options.SelfBackup.Targets.Count > 0, options => options.SelfBackup.Targets = []),
        new(
            "ExternalAdminUserSources must be empty: administrators do not sign in through a directory.",
            options => options.ExternalAdminUserSources.Count > 0, options => options.ExternalAdminUserSources = []),
        new(
            "IPRateLimit.Rules must be empty: limit the speed at the proxy.",
            options => options.IPRateLimit.Rules.Count > 0, options => options.IPRateLimit.Rules = []),
    ];
}
