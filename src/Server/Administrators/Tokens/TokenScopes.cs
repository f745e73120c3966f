using Halley.Protocol;
using Halley.Server.Hosting;

namespace Halley.Server.Administrators.Tokens;

/// <summary>The only place that decides what a token may be used for. Several scopes add up.</summary>
internal static class TokenScopes
{
    public const string Read = "read";
    public const string Full = "full";
    public const string Claim = "halley:token-scopes";

    /// <summary>Claim with the id of the token.</summary>
    public const string TokenClaim = "halley:token";
    private const string Accounts = "accounts";
    private static readonly string[] Areas = [Accounts, "buckets", "jobs"];

    public static IReadOnlyList<string> All { get; } = [Read, Full, .. Areas];

    /// <summary>True if a token with these scopes may see the hashes and keys in profiles, because it may also change them.</summary>
    public static bool ShowSecrets(string scopes) => scopes.Split(' ').Any(scope => scope is Full or Accounts);

    /// <summary>True if a token with these scopes, separated by spaces, may make the request.</summary>
    public static bool Allow(string scopes, HttpRequest request) => scopes.Split(' ').Any(scope => scope switch
    {
        Full => true,
        Read => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method),
        _ => Areas.Contains(scope) && request.IsBelow(Routes.ToArea(scope)),
    });
}
