using System.Text.Json.Nodes;
using Halley.Protocol;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>Examples of what is sent most, short and such that they work when tried.</summary>
internal sealed class RequestExamples : ISchemaFilter
{
    private static readonly Dictionary<Type, string> Examples = new()
    {
        [typeof(StartSession)] = """{ "username": "admin", "password": "correct horse battery" }""",
        [typeof(CreateBucket)] = """{ "id": "laptop-of-anna", "label": "Laptop of Anna", "keyMode": "append-only" }""",
        [typeof(CreateBucketKey)] = """{ "mode": "read-only", "label": "Restores only" }""",
        [typeof(CreateAccount)] = """{ "username": "anna@example.com", "password": "correct horse battery", "mustChangePassword": true }""",
        [typeof(RequestVault)] = """{ "templateId": "own", "selfAddress": "https://backup.example.com/" }""",
        [typeof(CreateToken)] = """{ "name": "Monitoring", "scopes": ["read"] }""",
    };

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema open && Examples.TryGetValue(context.Type, out var example))
        {
            open.Examples = [JsonNode.Parse(example)!];
        }
    }
}
