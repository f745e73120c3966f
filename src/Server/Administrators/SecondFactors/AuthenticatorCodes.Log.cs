namespace Halley.Server.Administrators.SecondFactors;

internal sealed partial class AuthenticatorCodes
{
    [LoggerMessage(LogEvents.RecoveryCodeUsed, LogLevel.Warning, "Administrator {Name} used a recovery code")]
    private partial void RecoveryCodeUsed(string name);

    [LoggerMessage(LogEvents.SecondFactorOn, LogLevel.Information, "Administrator {Name} needs a code of his authenticator app from now on")]
    private partial void TurnedOn(string name);

    [LoggerMessage(LogEvents.SecondFactorOff, LogLevel.Warning, "The second factors of administrator {Name} were removed")]
    private partial void TurnedOff(string name);
}
