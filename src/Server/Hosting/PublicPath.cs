namespace Halley.Server.Hosting;

/// <summary>
/// The path of <c>Halley:PublicUrl</c>, such as /halley, when a proxy serves this server below one. It does not matter whether the proxy
/// removes the path before it passes a request on.
/// </summary>
internal static class PublicPath
{
    /// <summary>The path; empty for a server that has its host name for itself.</summary>
    public static PathString Of(HalleyOptions options) =>
        options.PublicUrl is { } url && new Uri(url).AbsolutePath.TrimEnd('/') is { Length: > 0 } path
            ? PathString.FromUriComponent(path)
            : PathString.Empty;

    /// <summary>Goes first, so that nothing behind it sees the path, and every address that is answered has it.</summary>
    public static void UsePublicPath(this WebApplication app)
    {
        var path = Of(app.Services.GetRequiredService<HalleyOptions>());
        if (!path.HasValue)
        {
            return;
        }

        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal, out var rest))
            {
                context.Request.Path = rest.HasValue ? rest : "/";
            }

            context.Request.PathBase = path;
            context.Response.OnStarting(() =>
            {
                Complete(context.Response.Headers, path);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    // Of redirects and of things that were created.
    private static void Complete(IHeaderDictionary headers, PathString path)
    {
        if (headers.Location.ToString() is ['/', ..] location and not ['/', '/', ..]
            && !new PathString(location.Split('?', '#')[0]).StartsWithSegments(path, StringComparison.Ordinal))
        {
            headers.Location = path + location;
        }
    }
}
