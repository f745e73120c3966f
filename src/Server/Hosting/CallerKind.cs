namespace Halley.Server.Hosting;

/// <summary>What kind of caller a signed-in one is; every authorization policy asks for it first.</summary>
internal static class CallerKind
{
    public const string Claim = "halley:kind";

    /// <summary>A backup user.</summary>
    public const string Account = "account";
}
