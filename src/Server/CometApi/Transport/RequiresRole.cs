using Halley.Protocol.Settings;
using Halley.Server.Settings;
using Halley.Server.StorageRole;

namespace Halley.Server.CometApi.Transport;

/// <summary>Metadata of the calls of a role: they are refused while it is switched off in the settings or not at this instance.</summary>
internal sealed record RequiresRole(string Name, Func<ServerConfigOptions, StorageOptions, bool> IsOn)
{
    public static readonly RequiresRole Auth = new("Auth Role", (settings, _) => settings.AuthenticationRole.RoleEnabled);
    public static readonly RequiresRole Storage = new("Storage Role", (settings, here) => settings.StorageRole.RoleEnabled && here.Enabled);

    public bool IsOnFor(IServiceProvider services) =>
        IsOn(services.GetRequiredService<ServerSettings>().Current, services.GetRequiredService<StorageOptions>());
}
