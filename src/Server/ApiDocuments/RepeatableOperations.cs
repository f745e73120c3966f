using Halley.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>Shows the <c>Idempotency-Key</c> where it is taken: with every POST of a caller who is signed in.</summary>
internal sealed class RepeatableOperations : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.HttpMethod != HttpMethods.Post
            || context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
        {
            return;
        }

        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = Headers.IdempotencyKey,
            In = ParameterLocation.Header,
            Description =
                "New for each request; the same request with the same key, within a day, gets the same answer and does nothing twice.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
        });
    }
}
