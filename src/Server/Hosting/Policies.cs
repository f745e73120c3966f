namespace Halley.Server.Hosting;

/// <summary>Names of the authorization policies. Every endpoint asks for one of them or says that it is anonymous.</summary>
internal static class Policies
{
    /// <summary>
    /// A signed-in administrator. Under <c>/api</c> and <c>/live</c> only a session key as Bearer counts, everywhere else only the cookie:
    /// a browser sends a cookie by itself, so a cookie accepted by the API would let foreign pages act for the administrator.
    /// </summary>
    public const string Administrator = "Administrator";
}
