namespace Halley.Server.Administrators;

internal enum PasswordChangeResult
{
    Changed,
    WrongPassword,
    Unacceptable,

    /// <summary>The administrator's permissions forbid it.</summary>
    Forbidden,
    Busy,
}

/// <summary>What became of a change of password; reasons are sentences for the person who asked.</summary>
internal sealed record PasswordChange(PasswordChangeResult Result, IReadOnlyList<string> Reasons)
{
    public PasswordChange(PasswordChangeResult result)
        : this(result, [])
    {
    }
}
