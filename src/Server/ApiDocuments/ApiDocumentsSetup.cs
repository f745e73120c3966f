using Halley.Protocol;
using Halley.Server.Hosting;
using Microsoft.OpenApi;

namespace Halley.Server.ApiDocuments;

/// <summary>The OpenAPI documents of both APIs and the page at <c>/swagger</c> on which they can be tried.</summary>
internal static class ApiDocumentsSetup
{
    public const string V1 = "v1";
    public const string V2 = "v2";
    private const string SessionKey = "SessionKey";

    public static void AddApiDocuments(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<ApiDocumentsOptions>("ApiDocuments");
        builder.Services.AddEndpointsApiExplorer();
        builder.Services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc(V1, new OpenApiInfo
            {
                Title = "Halley, Comet-compatible API",
                Version = V1,
                Description = "Form fields in, JSON out, with HTTP 200 however a call ends: Status and Message of the answer tell it. "
                    + "Only a call that returns bytes is refused with a status of HTTP. "
                    + "Credentials are fields of every call. Calls that this server does not have are not listed; "
                    + "they answer Status 501 and the reason.",
            });
            options.SwaggerDoc(V2, new OpenApiInfo
            {
                Title = "Halley API",
                Version = V2,
                Description = "JSON in and out. Start a session with POST /api/v2/sessions and send its key, or an API token, as Bearer. "
                    + "Errors are problem documents with a stable code and a detail that says what to do.",
            });
            options.DocInclusionPredicate((document, description) =>
                document == V2 && description.RelativePath?.StartsWith(Routes.Api[1..], StringComparison.Ordinal) == true);
            options.AddSecurityDefinition(SessionKey, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A session key or an API token.",
            });
            options.AddSecurityRequirement(
                document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SessionKey, document)] = [] });
            options.CustomSchemaIds(SchemaNames.Of);
            options.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "Halley.Protocol.xml"));
            options.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "Halley.Server.xml"));
            options.OperationFilter<RepeatableOperations>();
            options.OperationFilter<OperationTexts>();
            options.SchemaFilter<PlainNames>();
            options.SchemaFilter<RequiredFields>();
            options.SchemaFilter<RequestExamples>();
            options.DocumentFilter<CometDocument>();
        });
    }

    public static void MapApiDocuments(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<ApiDocumentsOptions>().Enabled)
        {
            return;
        }

        app.MapSwagger().AllowAnonymous(); // describes, and holds nothing that is not in the source
        app.UseSwaggerUI(page =>
        {
            page.SwaggerEndpoint($"{V2}/swagger.json", "Halley API (v2)");
            page.SwaggerEndpoint($"{V1}/swagger.json", "Comet-compatible API (v1)");
            page.DocumentTitle = "Halley API";
        });
    }
}
