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
        builder.Services.AddScoped<CometHybridSignIn>();
        builder.Services.AddScoped<EventCalls>();
        builder.Services.AddSingleton<ServerDescription>();
        builder.Services.AddSingleton<DescribeServer>(provider =>
            cancellationToken => provider.GetRequiredService<ServerDescription>().OfAsync(null, cancellationToken));
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        var authRole = endpoints.MapGroup("").WithMetadata(RequiresRole.Auth);
        UserCalls.Map(new(authRole));
        UserProfileCalls.Map(new(authRole));
        ProtectedItemCalls.Map(new(authRole));
        UserWebCalls.Map(new(authRole));
        JobCalls.Map(new(authRole));
        DispatcherCalls.Map(new(authRole));
        InstallationCalls.Map(new(authRole));
        PolicyCalls.Map(new(authRole));
        GroupCalls.Map(new(authRole));
        NewsCalls.Map(new(authRole));
        PackageCalls.Map(new(authRole));
        VaultRequestCalls.Map(new(authRole));
        QuotaCalls.Map(new(authRole));
        StorageCalls.Map(new(endpoints.MapGroup("").WithMetadata(RequiresRole.Storage)));
        AccountCalls.Map(new(endpoints));
        AdminUserCalls.Map(new(endpoints));
        EventCalls.Map(endpoints);
        ReportCalls.Map(new(endpoints));
        WebhookCalls.Map(new(endpoints));
        OrganizationCalls.Map(new(endpoints));
        MetaCalls.Map(new(endpoints));
        LogCalls.Map(new(endpoints));
        ServerConfigCalls.Map(new(endpoints));
        BrandingCalls.Map(endpoints);
        WebAuthnCalls.Map(new(endpoints));
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
