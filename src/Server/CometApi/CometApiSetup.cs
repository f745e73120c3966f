using Halley.Server.CometApi.Calls;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Events;

namespace Halley.Server.CometApi;

internal static class CometApiSetup
{
    public static void AddCometApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CometSignIn>();
        builder.Services.AddScoped<CometUserSignIn>();
        builder.Services.AddScoped<AccountCalls>();
        builder.Services.AddScoped<AdminUserCalls>();
        builder.Services.AddScoped<CometHybridSignIn>();
        builder.Services.AddScoped<UserCalls>();
        builder.Services.AddScoped<UserProfileCalls>();
        builder.Services.AddScoped<ProtectedItemCalls>();
        builder.Services.AddScoped<UserWebCalls>();
        builder.Services.AddScoped<EventCalls>();
        builder.Services.AddScoped<JobCalls>();
        builder.Services.AddScoped<DispatcherCalls>();
        builder.Services.AddScoped<InstallationCalls>();
        builder.Services.AddScoped<ReportCalls>();
        builder.Services.AddScoped<WebAuthnCalls>();
        builder.Services.AddScoped<StorageCalls>();
        builder.Services.AddScoped<WebhookCalls>();
        builder.Services.AddScoped<OrganizationCalls>();
        builder.Services.AddScoped<PolicyCalls>();
        builder.Services.AddScoped<GroupCalls>();
        builder.Services.AddScoped<NewsCalls>();
        builder.Services.AddScoped<VaultRequestCalls>();
        builder.Services.AddScoped<QuotaCalls>();
        builder.Services.AddSingleton<ServerDescription>();
        builder.Services.AddSingleton<DescribeServer>(provider => token => provider.GetRequiredService<ServerDescription>().OfAsync(null, token));
        builder.Services.AddScoped<MetaCalls>();
        builder.Services.AddScoped<LogCalls>();
        builder.Services.AddScoped<ServerConfigCalls>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        var authRole = endpoints.MapGroup("").WithMetadata(RequiresRole.Auth);
        UserCalls.Map(authRole);
        UserProfileCalls.Map(authRole);
        ProtectedItemCalls.Map(authRole);
        UserWebCalls.Map(authRole);
        JobCalls.Map(authRole);
        DispatcherCalls.Map(authRole);
        InstallationCalls.Map(authRole);
        PolicyCalls.Map(authRole);
        GroupCalls.Map(authRole);
        NewsCalls.Map(authRole);
        VaultRequestCalls.Map(authRole);
        QuotaCalls.Map(authRole);
        StorageCalls.Map(endpoints.MapGroup("").WithMetadata(RequiresRole.Storage));
        AccountCalls.Map(endpoints);
        AdminUserCalls.Map(endpoints);
        EventCalls.Map(endpoints);
        ReportCalls.Map(endpoints);
        WebhookCalls.Map(endpoints);
        OrganizationCalls.Map(endpoints);
        MetaCalls.Map(endpoints);
        LogCalls.Map(endpoints);
        ServerConfigCalls.Map(endpoints);
        BrandingCalls.Map(endpoints);
        WebAuthnCalls.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
