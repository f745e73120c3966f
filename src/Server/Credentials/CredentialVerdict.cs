namespace Halley.Server.Credentials;

/// <summary>A credential as it is stored.</summary>
internal readonly record struct StoredCredential(int Format, string Hash);

internal enum CredentialOutcome
{
    /// <summary>The secret matches one of the stored credentials.</summary>
    Verified,

    /// <summary>The secret matches none of them.</summary>
    Wrong,

    /// <summary>Not checked, because too many requests are waiting. Respond with 429 or 503 and Retry-After.</summary>
    Busy,
}

/// <summary>The result of a check; <paramref name="Index"/> is the stored credential that matches, or -1.</summary>
internal readonly record struct CredentialVerdict(CredentialOutcome Outcome, int Index)
{
    public static readonly CredentialVerdict Wrong = new(CredentialOutcome.Wrong, -1);
    public static readonly CredentialVerdict Busy = new(CredentialOutcome.Busy, -1);

    public bool IsVerified => Outcome == CredentialOutcome.Verified;

    public static CredentialVerdict Verified(int index) => new(CredentialOutcome.Verified, index);
}
