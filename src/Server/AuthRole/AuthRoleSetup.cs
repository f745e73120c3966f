using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;

namespace Halley.Server.AuthRole;

/// <summary>The Auth Role: accounts of backup users with their profiles, and everything that is kept about their devices and jobs.</summary>
internal static class AuthRoleSetup
{
    public static void AddAuthRole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<ProfileStore>();
        builder.AddAccounts();
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints) => endpoints.MapAccountsOfUsers();
}
