namespace Halley.Server.Administrators;

internal sealed partial class AdministratorDirectory
{
    [LoggerMessage(LogEvents.AdministratorAdded, LogLevel.Information, "Administrator {Name} made by {Actor}")]
    private partial void Added(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorRemoved, LogLevel.Warning, "Administrator {Name} deleted by {Actor}")]
    private partial void Removed(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorChanged, LogLevel.Information, "Permissions or organization of administrator {Name} changed by {Actor}")]
    private partial void Changed(string name, string actor);
}
