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
        builder.Services.AddScoped<ReportEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
        builder.Services.AddScoped<WebhookEndpoints>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        AccountEndpoints.Map(endpoints);
        AdminUserEndpoints.Map(endpoints);
        UserEndpoints.Map(endpoints);
        UserProfileEndpoints.Map(endpoints);
        ProtectedItemEndpoints.Map(endpoints);
        UserWebEndpoints.Map(endpoints);
        EventEndpoints.Map(endpoints);
        JobEndpoints.Map(endpoints);
        ReportEndpoints.Map(endpoints);
        StorageEndpoints.Map(endpoints);
        WebhookEndpoints.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
