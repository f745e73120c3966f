namespace Halley.Server.CometApi;

internal static class CometApiSetup
{
    public static void AddCometApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CometSignIn>();
        builder.Services.AddScoped<AccountEndpoints>();
        builder.Services.AddScoped<EventEndpoints>();
        builder.Services.AddScoped<JobEndpoints>();
        builder.Services.AddScoped<ReportEndpoints>();
        builder.Services.AddScoped<AdminUserEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
        builder.Services.AddScoped<WebhookEndpoints>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        AccountEndpoints.Map(endpoints);
        EventEndpoints.Map(endpoints);
        JobEndpoints.Map(endpoints);
        ReportEndpoints.Map(endpoints);
        AdminUserEndpoints.Map(endpoints);
        StorageEndpoints.Map(endpoints);
        WebhookEndpoints.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
