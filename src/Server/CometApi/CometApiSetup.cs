namespace Halley.Server.CometApi;

internal static class CometApiSetup
{
    public static void AddCometApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CometSignIn>();
        builder.Services.AddScoped<AccountEndpoints>();
        builder.Services.AddScoped<AdminUserEndpoints>();
        builder.Services.AddScoped<WebAuthnEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        AccountEndpoints.Map(endpoints);
        AdminUserEndpoints.Map(endpoints);
        WebAuthnEndpoints.Map(endpoints);
        StorageEndpoints.Map(endpoints);
        UnsupportedCalls.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
