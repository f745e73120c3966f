using System.Net;
using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// The calling backup user, as the database had it at the time of the call. <paramref name="SessionId"/> is null when the call itself
/// carried the credential. <paramref name="DeviceId"/> is null when the session does not belong to a device. A handler of
/// <c>/api/v2/user</c> takes it as a parameter.
/// </summary>
/// <remarks>
/// It is not a <see cref="Caller"/>: a user has neither permissions nor a scope, so that no operation of administrators can take one by
/// mistake. Operations of both take an <see cref="AccountCaller"/>.
/// </remarks>
internal sealed record AccountIdentity(
    Guid Id, string Username, string OrganizationId, Guid? SessionId = null, string? DeviceId = null, bool MustChangePassword = false,
    bool MayUseWeb = true)
{
    private const string DeviceClaim = "halley:device";

    /// <summary>Source address of the request; null when it did not arrive over the network.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How the framework makes the parameter of a handler. The endpoint must require a signed-in user.</summary>
    public static ValueTask<AccountIdentity?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(From(context.User) is { } user ? user with { Address = context.Connection.RemoteIpAddress } : null);

    /// <summary>Reads the principal that <see cref="ToPrincipal"/> wrote; null when it is not a signed-in user.</summary>
    public static AccountIdentity? From(ClaimsPrincipal principal) =>
        principal.HasClaim(CallerKind.Claim, CallerKind.Account)
            && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new AccountIdentity(
                id,
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                CallerOrganization.Of(principal) ?? "",
                CallerClaims.SessionOf(principal),
                principal.FindFirstValue(DeviceClaim),
                principal.HasClaim(claim => claim.Type == CallerKind.MustChangePassword))
            : null;

    public ClaimsPrincipal ToPrincipal(string scheme) => CallerClaims.ToPrincipal(
        scheme, CallerKind.Account, Id, Username, OrganizationId, SessionId, MustChangePassword,
        DeviceId is { } device ? [new Claim(DeviceClaim, device)] : []);
}
