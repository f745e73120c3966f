using Halley.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>
/// Marks the fields that a record always has: those of its constructor without a default. And the code of a problem, which the
/// framework's class does not have.
/// </summary>
internal sealed class RequiredFields : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { } properties } document)
        {
            return;
        }

        if (context.Type == typeof(ProblemDetails))
        {
            properties["code"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "What went wrong, for programs: lower case with underscores; never changes its meaning.",
            };
        }
        else if (context.Type.Assembly == typeof(Routes).Assembly
            && context.Type.GetConstructors().FirstOrDefault(one => one.GetParameters().Length > 0) is { } constructor)
        {
            document.Required ??= new HashSet<string>();
            foreach (var name in constructor.GetParameters().Where(parameter => !parameter.HasDefaultValue)
                .Select(parameter => properties.Keys.FirstOrDefault(key => key.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase))))
            {
                if (name is not null)
                {
                    document.Required.Add(name);
                }
            }
        }
    }
}
