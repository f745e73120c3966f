using System.Reflection;
using System.Text.Json;
using Halley.Protocol.Comet;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// A body in the JSON of the vendor's documents, which differs from that of the rest of this API; null when it cannot be read.
/// </summary>
internal sealed record CometBody<T>(T? Document)
    where T : class
{
    public static async ValueTask<CometBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        try
        {
            return new CometBody<T>(
                await JsonSerializer.DeserializeAsync<T>(context.Request.Body, CometJson.Options, context.RequestAborted));
        }
        catch (JsonException)
        {
            return new CometBody<T>(Document: null);
        }
    }
}
