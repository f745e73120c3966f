namespace Halley.Server.StorageRole.Transfers;

/// <summary>The other server did not do what it was asked.</summary>
/// <param name="message">Why, in a sentence for an administrator, with what to do.</param>
/// <param name="code">Stable code.</param>
/// <param name="isPassing">True when trying again later may help by itself.</param>
/// <param name="cause">What happened underneath.</param>
internal sealed class TargetException(string message, string code, bool isPassing = false, Exception? cause = null) : Exception(message, cause)
{
    public const string CredentialRefused = "target_credential_refused";

    public string Code => code;

    public bool IsPassing => isPassing;

    public static TargetException Passing(string message, Exception? cause = null) => new(message, "target_unreachable", isPassing: true, cause);
}
