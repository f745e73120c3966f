using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.CometApi.Transport;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>Writes the document of the vendor's API: its calls take forms, which the framework's own description does not know.</summary>
internal sealed class CometDocument(EndpointDataSource endpoints) : IDocumentFilter
{
    private const string Form = "application/x-www-form-urlencoded";
    private static readonly Dictionary<string, Type> Types = typeof(CometJson).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(CometJson).Namespace && type.IsPublic)
        .ToDictionary(type => type.Name, StringComparer.OrdinalIgnoreCase);

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        if (context.DocumentName != ApiDocumentsSetup.V1)
        {
            return;
        }

        var catalog = CallCatalog.Read();
        swaggerDoc.Components?.SecuritySchemes?.Clear();
        swaggerDoc.Security?.Clear();
        var calls = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (Name: endpoint.RoutePattern.RawText!.Replace(Routes.CometApi + "/", "", StringComparison.Ordinal).TrimStart('/'), endpoint.Metadata))
            .OrderBy(call => call.Name, StringComparer.Ordinal);
        foreach (var (name, metadata) in calls)
        {
            if (metadata.OfType<CometAudience>().Any(audience => audience != CometAudience.Nobody) && catalog.TryGetValue(name, out var call))
            {
                swaggerDoc.Paths.Add($"{Routes.CometApi}/{name}", new OpenApiPathItem
                {
                    Operations = new() { [HttpMethod.Post] = Describe(call, metadata.OfType<CometAudience>().First(), context) },
                });
            }
        }
    }

    private static OpenApiOperation Describe(CallDescription call, CometAudience audience, DocumentFilterContext context)
    {
        var fields = (audience == CometAudience.Everybody ? [] : Credentials).Concat(call.Parameters).DistinctBy(field => field.Name).ToList();
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = fields.ToDictionary(field => field.Name, FieldSchema),
            Required = fields.Where(field => field.IsRequired).Select(field => field.Name).ToHashSet(StringComparer.Ordinal),
        };
        var answer = call.Answer == "raw bytes"
            ? new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } }
            : new OpenApiMediaType { Schema = AnswerSchema(call.Answer, context) };
        return new OpenApiOperation
        {
            OperationId = call.Name.Replace('/', '_'),
            Tags = new HashSet<OpenApiTagReference> { new(call.Name.Split('/') is [_, var area, _, ..] ? area : call.Name.Split('/')[0]) },
            Description = audience == CometAudience.Users ? "With the credentials of a user." : null,
            RequestBody = new OpenApiRequestBody
            {
                Content = new Dictionary<string, IOpenApiMediaType> { [Form] = new OpenApiMediaType { Schema = schema } },
            },
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse
                {
                    Description = "The answer, or Status and Message of a call that failed.",
                    Content = new Dictionary<string, IOpenApiMediaType> { [call.Answer == "raw bytes" ? "application/octet-stream" : "application/json"] = answer },
                },
            },
        };
    }

    private static readonly CallParameter[] Credentials =
        [new(CometCredentials.Username, "string", true), new(CometCredentials.AuthType, "string", true), new(CometCredentials.Password, "string", false), new(CometCredentials.SessionKey, "string", false)];

    private static IOpenApiSchema FieldSchema(CallParameter field) => field.Encoding switch
    {
        "int" => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        "bool" => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        "string" when field.Name == CometCredentials.AuthType => new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["Password"] },
        "string" => new OpenApiSchema { Type = JsonSchemaType.String },
        "multipart-file" => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "A file; this call is multipart/form-data, with the credentials as headers." },
        var json => new OpenApiSchema { Type = JsonSchemaType.String, Description = $"JSON text: {TypeOf(json, field)}", Examples = [Example(TypeOf(json, field))] },
    };

    // Where the list names no type, the field is called like it.
    private static string TypeOf(string encoding, CallParameter field) => encoding.StartsWith("json:", StringComparison.Ordinal) ? encoding["json:".Length..] : field.Name;

    private static JsonNode Example(string type) => type switch
    {
        _ when type.StartsWith("[]", StringComparison.Ordinal) => "[]",
        _ when type.StartsWith("map[", StringComparison.Ordinal) => "{}",
        _ when ClassOf(type) is { } known && known.GetConstructor(Type.EmptyTypes) is not null =>
            JsonSerializer.Serialize(Activator.CreateInstance(known), known, CometJson.Options),
        _ => "{}",
    };

    private static IOpenApiSchema AnswerSchema(string type, DocumentFilterContext context)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = AnswerSchema(type[2..], context) };
        }

        if (type.StartsWith("map[", StringComparison.Ordinal))
        {
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = AnswerSchema(type[(type.IndexOf(']', StringComparison.Ordinal) + 1)..], context) };
        }

        return ClassOf(type) is { } known
            ? context.SchemaGenerator.GenerateSchema(known, context.SchemaRepository)
            : new OpenApiSchema { Type = type == "string" ? JsonSchemaType.String : JsonSchemaType.Object };
    }

    private static Type? ClassOf(string type) => Types.GetValueOrDefault(type == "TimeSpan" ? nameof(ReportTimeSpan) : type);
}
