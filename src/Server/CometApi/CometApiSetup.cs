using Halley.Server.AuthRole.VaultRequests;

namespace Halley.Server.CometApi;

internal static class CometApiSetup
{
    public static void AddCometApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CometSignIn>();
        builder.Services.AddScoped<CometUserSignIn>();
        builder.Services.AddScoped<AccountEndpoints>();
        builder.Services.AddScoped<AdminUserEndpoints>();
        builder.Services.AddScoped<CometHybridSignIn>();
        builder.Services.AddScoped<UserEndpoints>();
        builder.Services.AddScoped<UserProfileEndpoints>();
        builder.Services.AddScoped<ProtectedItemEndpoints>();
        builder.Services.AddScoped<UserWebEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
        builder.Services.AddScoped<OrganizationEndpoints>();
        builder.Services.AddScoped<PolicyEndpoints>();
        builder.Services.AddScoped<GroupEndpoints>();
        builder.Services.AddScoped<NewsEndpoints>();
        builder.Services.AddScoped<VaultRequestEndpoints>();
        builder.Services.AddScoped<QuotaEndpoints>();
        builder.Services.AddScoped<MetaEndpoints>();
        builder.Services.AddScoped<LogEndpoints>();
        builder.Services.AddScoped<ServerConfigEndpoints>();
        builder.Services.AddSingleton<VaultProvider, OwnStorage>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        AccountEndpoints.Map(endpoints);
        AdminUserEndpoints.Map(endpoints);
        UserEndpoints.Map(endpoints);
        UserProfileEndpoints.Map(endpoints);
        ProtectedItemEndpoints.Map(endpoints);
        UserWebEndpoints.Map(endpoints);
        StorageEndpoints.Map(endpoints);
        OrganizationEndpoints.Map(endpoints);
        PolicyEndpoints.Map(endpoints);
        GroupEndpoints.Map(endpoints);
        NewsEndpoints.Map(endpoints);
        VaultRequestEndpoints.Map(endpoints);
        QuotaEndpoints.Map(endpoints);
        MetaEndpoints.Map(endpoints);
        LogEndpoints.Map(endpoints);
        ServerConfigEndpoints.Map(endpoints);
        BrandingEndpoints.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
