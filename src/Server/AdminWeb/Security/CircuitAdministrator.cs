using Halley.Server.Administrators;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Halley.Server.AdminWeb.Security;

/// <summary>
/// The signed-in administrator, for the life of a circuit. An open page makes no HTTP requests, so the circuit repeats the check that the
/// cookie gets with every request. After a change of password, an open page ends within seconds.
/// </summary>
internal sealed class CircuitAdministrator(ILoggerFactory loggers, CookieCheck check)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(5);

    protected override Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        check.IsCurrentAsync(authenticationState.User, cancellationToken);
}
