using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>
/// Links between pages are relative to the base address of the document, because a proxy may serve the pages below a path of its own.
/// </summary>
internal static class PageLink
{
    /// <summary>The name of a search text in the address of a page.</summary>
    public const string Search = "q";

    /// <summary>The link to a path of this server, such as /account.</summary>
    public static string To(string path) => path == "/" ? "./" : path.TrimStart('/');

    /// <summary>Puts a choice of the person into the address of the page, in place of the address before.</summary>
    public static void KeepInAddress(this NavigationManager navigation, string name, string? value) => navigation.NavigateTo(
        navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value), replace: true);
}
