using System.Globalization;
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
    /// <summary>A value of <see cref="InsteadOfCredential"/>.</summary>
    public const string InstallToken = "install token";

    /// <summary>As above: the L-key, and a <see cref="DeviceProof"/> instead of a code.</summary>
    public const string KnownDevice = "known device";

    private const string DeviceClaim = "halley:device";
    private const string ProvedClaim = "halley:proved";
    private const string ActingClaim = "halley:acting";

    /// <summary>How long after the sign-in a session may still change how the account is protected.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);

    /// <summary>UTC time at which the user gave its credential for the session; null if something else started the session.</summary>
    public DateTime? ProvedAt { get; init; }

    /// <summary>What was accepted in place of a credential; empty for a credential.</summary>
    public string InsteadOfCredential { get; init; } = "";

    /// <summary>Source address of the request; null when it did not arrive over the network.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>
    /// True if the user has just proved who it is: the call itself carries the credential, or the session started with it minutes ago.
    /// Changes of how the account is protected need it, so that a session that somebody found or stole is not enough.
    /// </summary>
    public bool HasFreshProof(DateTimeOffset now) =>
        SessionId is null ? InsteadOfCredential.Length == 0 : ProvedAt is { } at && now.UtcDateTime - at < FreshFor;

    /// <summary>The administrator that acts as this user; null when the user itself signed in.</summary>
    public string? ActingAdministrator { get; init; }

    /// <summary>The name for events and logs: who really acts.</summary>
    public string Actor => ActingAdministrator ?? Username;

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
            {
                ProvedAt = long.TryParse(
                    principal.FindFirstValue(ProvedClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                    ? new DateTime(ticks, DateTimeKind.Utc)
                    : null,
                ActingAdministrator = principal.FindFirstValue(ActingClaim),
            }
            : null;

    public ClaimsPrincipal ToPrincipal(string scheme) => CallerClaims.ToPrincipal(
        scheme, CallerKind.Account, Id, Username, OrganizationId, SessionId, MustChangePassword,
        [
            .. DeviceId is { } device ? [new Claim(DeviceClaim, device)] : Array.Empty<Claim>(),
            .. ProvedAt is { } at ? [new Claim(ProvedClaim, at.Ticks.ToString(CultureInfo.InvariantCulture))] : Array.Empty<Claim>(),
            .. ActingAdministrator is { } acting ? [new Claim(ActingClaim, acting)] : Array.Empty<Claim>(),
        ]);
}
