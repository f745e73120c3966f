using System.Net;

namespace Halley.Server.Administrators;

// Names that were typed in are not logged: people type their password into the field of the name.
internal sealed partial class AdministratorAccess
{
    [LoggerMessage(LogEvents.SignInRefused, LogLevel.Warning, "Sign-in of an administrator refused, from {Client}")]
    private partial void SignInRefused(IPAddress? client);

    [LoggerMessage(LogEvents.AdministratorLocked, LogLevel.Warning,
        "Administrator {Name} locked for {Minutes} minutes after too many wrong passwords, the last one from {Client}")]
    private partial void Locked(string name, double minutes, IPAddress? client);

    [LoggerMessage(LogEvents.PasswordChanged, LogLevel.Information, "Password of administrator {Name} changed")]
    private partial void PasswordChanged(string name);
}
