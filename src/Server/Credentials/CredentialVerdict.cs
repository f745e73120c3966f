namespace Halley.Server.Credentials;

/// <summary>A credential as it is stored.</summary>
internal readonly record struct StoredCredential(int Format, string Hash);

internal enum CredentialOutcome
{
    /// <summary>The secret belongs to one of the stored credentials.</summary>
    Verified,

    /// <summary>It belongs to none.</summary>
    Wrong,

    /// <summary>Not looked at: too many are waiting. Say so with 429 or 503 and Retry-After.</summary>
    Busy,
}

/// <summary>The answer to a secret; <paramref name="Index"/> tells which of the stored credentials it belongs to, -1 when none.</summary>
internal readonly record struct CredentialVerdict(CredentialOutcome Outcome, int Index)
{
    public static readonly CredentialVerdict Wrong = new(CredentialOutcome.Wrong, -1);
    public static readonly CredentialVerdict Busy = new(CredentialOutcome.Busy, -1);

    public bool IsVerified => Outcome == CredentialOutcome.Verified;

    public static CredentialVerdict Verified(int index) => new(CredentialOutcome.Verified, index);
}
