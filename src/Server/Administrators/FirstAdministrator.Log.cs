namespace Halley.Server.Administrators;

internal sealed partial class FirstAdministrator
{
    [LoggerMessage(LogEvents.AdministratorCreated, LogLevel.Information, "First administrator {Name} made")]
    private partial void Created(string name);

    [LoggerMessage(LogEvents.SetupTokenRefused, LogLevel.Warning, "A wrong set-up token was refused")]
    private partial void TokenRefused();
}
