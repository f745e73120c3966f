using System.Security.Claims;

namespace Halley.Server.Access;

/// <summary>
/// The organization a signed-in caller belongs to; everything he gets to see is filtered by it. It is read from the database with every
/// request, so that a change counts at once.
/// </summary>
internal static class CallerOrganization
{
    public const string Claim = "halley:organization";

    /// <summary>The organization of the server itself: its administrators see those of all others.</summary>
    public const string TopLevel = "";

    /// <summary>Id of the organization, <see cref="TopLevel"/> for the server itself, null for callers who belong to none.</summary>
    public static string? Of(ClaimsPrincipal caller) => caller.FindFirstValue(Claim);
}
