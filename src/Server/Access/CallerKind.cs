namespace Halley.Server.Access;

/// <summary>What kind of caller a signed-in one is; every authorization policy asks for it first.</summary>
internal static class CallerKind
{
    public const string Claim = "halley:kind";

    /// <summary>Claim of a caller who has to change the password before anything else.</summary>
    public const string MustChangePassword = "halley:must-change-password";

    /// <summary>A backup user.</summary>
    public const string Account = "account";
}
