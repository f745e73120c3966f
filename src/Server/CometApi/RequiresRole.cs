using Halley.Protocol.Comet;

namespace Halley.Server.CometApi;

/// <summary>Metadata of calls that a role answers: while it is switched off in the settings, they are refused.</summary>
internal sealed record RequiresRole(string Name, Func<ServerConfigOptions, bool> IsOn)
{
    public static readonly RequiresRole Auth = new("Auth Role", settings => settings.AuthenticationRole.RoleEnabled);
    public static readonly RequiresRole Storage = new("Storage Role", settings => settings.StorageRole.RoleEnabled);
}
