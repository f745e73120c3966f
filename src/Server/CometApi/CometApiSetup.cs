using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Events;
using Halley.Server.StorageRole.Transfers;

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
        builder.Services.AddScoped<EventEndpoints>();
        builder.Services.AddScoped<JobEndpoints>();
        builder.Services.AddScoped<DispatcherEndpoints>();
        builder.Services.AddScoped<InstallationEndpoints>();
        builder.Services.AddScoped<ReportEndpoints>();
        builder.Services.AddScoped<WebAuthnEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
        builder.Services.AddScoped<WebhookEndpoints>();
        builder.Services.AddScoped<OrganizationEndpoints>();
        builder.Services.AddScoped<PolicyEndpoints>();
        builder.Services.AddScoped<GroupEndpoints>();
        builder.Services.AddScoped<NewsEndpoints>();
        builder.Services.AddScoped<VaultRequestEndpoints>();
        builder.Services.AddScoped<QuotaEndpoints>();
        builder.Services.AddSingleton<ServerDescription>();
        builder.Services.AddSingleton<DescribeServer>(provider => token => provider.GetRequiredService<ServerDescription>().OfAsync(null, token));
        builder.Services.AddScoped<MetaEndpoints>();
        builder.Services.AddScoped<LogEndpoints>();
        builder.Services.AddScoped<ServerConfigEndpoints>();
        builder.Services.AddSingleton<VaultProvider, OwnStorage>();
        builder.Services.AddSingleton<VaultAddresses, MovedVaults>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        var authRole = endpoints.MapGroup("").WithMetadata(RequiresRole.Auth);
        UserEndpoints.Map(authRole);
        UserProfileEndpoints.Map(authRole);
        ProtectedItemEndpoints.Map(authRole);
        UserWebEndpoints.Map(authRole);
        JobEndpoints.Map(authRole);
        DispatcherEndpoints.Map(authRole);
        InstallationEndpoints.Map(authRole);
        PolicyEndpoints.Map(authRole);
        GroupEndpoints.Map(authRole);
        NewsEndpoints.Map(authRole);
        VaultRequestEndpoints.Map(authRole);
        QuotaEndpoints.Map(authRole);
        StorageEndpoints.Map(endpoints.MapGroup("").WithMetadata(RequiresRole.Storage));
        AccountEndpoints.Map(endpoints);
        AdminUserEndpoints.Map(endpoints);
        EventEndpoints.Map(endpoints);
        ReportEndpoints.Map(endpoints);
        WebhookEndpoints.Map(endpoints);
        OrganizationEndpoints.Map(endpoints);
        MetaEndpoints.Map(endpoints);
        LogEndpoints.Map(endpoints);
        ServerConfigEndpoints.Map(endpoints);
        BrandingEndpoints.Map(endpoints);
        WebAuthnEndpoints.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
