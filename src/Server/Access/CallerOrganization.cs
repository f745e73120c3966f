using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// The organization of a signed-in caller, which filters everything the caller can see. It is read from the database with every request, so
/// a change applies at once.
/// </summary>
internal static class CallerOrganization
{
    public const string Claim = "halley:organization";

    /// <summary>The organization of the server itself; its administrators see the data of all organizations.</summary>
    public const string TopLevel = "";

    /// <summary>Id of the organization; <see cref="TopLevel"/> for the server itself, null for callers that belong to none.</summary>
    public static string? Of(ClaimsPrincipal caller) => caller.FindFirstValue(Claim);
}
