namespace Halley.Server.Hosting;

/// <summary>
/// Compares the path of a request as routing does: in any case, and without the slashes that some clients put in front a second time. A
/// comparison that is stricter than routing lets a request reach an endpoint past the check for it.
/// </summary>
internal static class RequestPaths
{
    public static bool IsBelow(this HttpRequest request, string prefix) => IsBelow(request.Path, prefix);

    public static bool IsBelow(PathString path, string prefix)
    {
        var single = path.Value is ['/', '/', ..] ? new PathString("/" + path.Value.TrimStart('/')) : path;
        return single.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase);
    }
}
