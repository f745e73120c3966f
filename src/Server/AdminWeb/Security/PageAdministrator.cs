using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Components.Authorization;

namespace Halley.Server.AdminWeb.Security;

/// <summary>Who looks at a page, and what he may see there.</summary>
internal sealed class PageAdministrator(AuthenticationStateProvider states)
{
    public async Task<TenantScope> ScopeAsync() => TenantScope.OfCaller(await CallerAsync());

    public async Task<string> NameAsync() => (await CallerAsync()).Identity?.Name ?? "";

    private async Task<ClaimsPrincipal> CallerAsync() => (await states.GetAuthenticationStateAsync()).User;
}
