using System.Collections.Concurrent;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AdminWeb.Security;

/// <summary>Limits the open pages of an administrator: each has a connection and keeps its state in the server's memory.</summary>
internal sealed class OpenPages
{
    public const int MostOfAdministrator = 64;
    public const string Connections = "/_blazor";
    private readonly ConcurrentDictionary<Guid, int> _open = new();

    public async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.IsBelow(Connections) || context.User.Identity?.IsAuthenticated != true)
        {
            await next(context);
            return;
        }

        var administrator = Caller.Of(context.User).Id;
        try
        {
            if (_open.AddOrUpdate(administrator, 1, (_, open) => open + 1) <= MostOfAdministrator)
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "30";
        }
        finally
        {
            if (_open.AddOrUpdate(administrator, 0, (_, open) => open - 1) == 0)
            {
                _open.TryRemove(KeyValuePair.Create(administrator, 0));
            }
        }
    }
}
