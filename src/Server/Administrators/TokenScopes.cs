namespace Halley.Server.Administrators;

/// <summary>What a token may be used for. An area is a scope of its own: everything below its addresses, nothing else.</summary>
internal static class TokenScopes
{
    public const string Read = "read";
    public const string Full = "full";
}
