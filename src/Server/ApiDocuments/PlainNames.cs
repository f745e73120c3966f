using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>Writes the names that comments refer to without namespaces and classes, which mean nothing to a reader of the API.</summary>
internal sealed partial class PlainNames : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema { Description: { } description } described)
        {
            described.Description = Qualified().Replace(description, "${name}");
        }

        foreach (var property in (schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).Values)
        {
            if (property is OpenApiSchemaReference { Description: { } ofReference } reference)
            {
                reference.Description = Qualified().Replace(ofReference, "${name}");
            }
        }
    }

    [GeneratedRegex(@"\bHalley\.Protocol\.(\w+\.)*(?<name>\w+)")]
    private static partial Regex Qualified();
}
