namespace Halley.Server.AdminWeb.Browser;

/// <summary>
/// Links between pages are relative to the base address of the document, because a proxy may serve the pages below a path of its own.
/// </summary>
internal static class PageLink
{
    /// <summary>The link to a path of this server, such as /account.</summary>
    public static string To(string path) => path == "/" ? "./" : path.TrimStart('/');
}
