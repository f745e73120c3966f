using Halley.Server.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Halley.Server.AdminWeb.Security;

/// <summary>The administrator that uses a page, as the caller of its operations.</summary>
internal sealed class PageAdministrator(AuthenticationStateProvider states, NavigationManager navigation)
{
    public async Task<Caller> CallerAsync() =>
        Caller.Of((await states.GetAuthenticationStateAsync()).User, serverAddress: navigation.BaseUri);

    public async Task<TenantScope> ScopeAsync() => (await CallerAsync()).Scope;

    public async Task<string> NameAsync() => (await CallerAsync()).Name;
}
