namespace Halley.Server.CometApi;

internal static class CometApiSetup
{
    public static void AddCometApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CometSignIn>();
        builder.Services.AddScoped<CometUserSignIn>();
        builder.Services.AddScoped<AccountEndpoints>();
        builder.Services.AddScoped<UserWebEndpoints>();
        builder.Services.AddScoped<StorageEndpoints>();
    }

    public static void MapCometApi(this IEndpointRouteBuilder endpoints)
    {
        AccountEndpoints.Map(endpoints);
        UserWebEndpoints.Map(endpoints);
        StorageEndpoints.Map(endpoints);
        endpoints.MapCometUnknown();
    }
}
