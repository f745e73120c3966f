using System.Net;

namespace Halley.Server.Credentials;

internal sealed partial class CredentialVerifier
{
    [LoggerMessage(LogEvents.VerificationsSaturated, LogLevel.Warning, "A credential from {Client} was not checked: too many are waiting")]
    private partial void Saturated(IPAddress? client);
}
