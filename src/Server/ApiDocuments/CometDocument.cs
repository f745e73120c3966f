using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.CometApi.Transport;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>Writes the document of the vendor's API: its calls take forms, which the framework's own description does not know.</summary>
internal sealed class CometDocument(EndpointDataSource endpoints) : IDocumentFilter
{
    private const string Form = "application/x-www-form-urlencoded";
    private static readonly Dictionary<string, Type> Types = new[] { typeof(CometJson).Assembly, typeof(CallDescription).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.IsSubclassOf(typeof(Protocol.Comet.CometDocument)) && !type.IsAbstract)
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        if (context.DocumentName != ApiDocumentsSetup.V1)
        {
            return;
        }

        swaggerDoc.Components?.SecuritySchemes?.Clear();
        swaggerDoc.Security?.Clear();
        foreach (var endpoint in endpoints.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<CallDescription>() is not null)
            .OrderBy(endpoint => endpoint.Metadata.GetMetadata<CallDescription>()!.Name, StringComparer.Ordinal))
        {
            var call = endpoint.Metadata.GetMetadata<CallDescription>()!;
            swaggerDoc.Paths.Add($"{Routes.CometApi}/{call.Name}", new OpenApiPathItem
            {
                Operations = new() { [HttpMethod.Post] = Describe(call, endpoint.Metadata.OfType<CometAudience>().Single(), context) },
            });
        }
    }

    private static OpenApiOperation Describe(CallDescription call, CometAudience audience, DocumentFilterContext context)
    {
        var fields = (audience == CometAudience.Everybody ? [] : Credentials).Concat(call.Fields).DistinctBy(field => field.Name).ToList();
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = fields.ToDictionary(field => field.Name, FieldSchema),
            Required = fields.Where(field => field.IsRequired).Select(field => field.Name).ToHashSet(StringComparer.Ordinal),
        };
        var answer = new OpenApiMediaType
        {
            Schema = call.IsRaw
                ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }
                : context.SchemaGenerator.GenerateSchema(call.Answer, context.SchemaRepository),
        };
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
                    Content = new Dictionary<string, IOpenApiMediaType>
                    {
                        [call.IsRaw ? "application/octet-stream" : "application/json"] = answer,
                    },
                },
            },
        };
    }

    private static readonly IReadOnlyList<CometField> Credentials = CometField.Parse(
        $"{CometCredentials.Username}, {CometCredentials.AuthType}, {CometCredentials.Password}?, {CometCredentials.SessionKey}?");

    private static IOpenApiSchema FieldSchema(CometField field) => field.Encoding switch
    {
        "int" => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        "bool" => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        "string" when field.Name == CometCredentials.AuthType =>
            new OpenApiSchema { Type = JsonSchemaType.String, Examples = ["Password"] },
        "string" => new OpenApiSchema { Type = JsonSchemaType.String },
        "multipart-file" => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Format = "binary",
            Description = "A file; this call is multipart/form-data, with the credentials as headers.",
        },
        var json => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = $"JSON text: {TypeOf(json, field)}",
            Examples = [Example(TypeOf(json, field))],
        },
    };

    // Where the list names no type, the field is called like it.
    private static string TypeOf(string encoding, CometField field) =>
        encoding.StartsWith("json:", StringComparison.Ordinal) ? encoding["json:".Length..] : field.Name;

    private static JsonNode Example(string type) => type switch
    {
        _ when type.StartsWith("[]", StringComparison.Ordinal) => "[]",
        _ when type.StartsWith("map[", StringComparison.Ordinal) => "{}",
        _ when ClassOf(type) is { } known && known.GetConstructor(Type.EmptyTypes) is not null =>
            JsonSerializer.Serialize(Activator.CreateInstance(known), known, CometJson.Options),
        _ => "{}",
    };

    private static Type? ClassOf(string type) => Types.GetValueOrDefault(type == "TimeSpan" ? nameof(ReportTimeSpan) : type);
}
