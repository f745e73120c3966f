using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

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

    /// <summary>The link to the page of an account, whose name is in the query: it may be any word, also one of those in paths.</summary>
    public static string ToAccount(string username) => $"accounts/account?user={Uri.EscapeDataString(username)}";

    /// <summary>
    /// Puts a choice of the person into the address of the page, in place of the address before. The browser does it, and only while it
    /// shows this page: a navigation ordered from here would bring a person back who has followed a link in the meantime.
    /// </summary>
    public static ValueTask KeepInAddressAsync(this IJSRuntime browser, NavigationManager page, string name, string? value) =>
        browser.InvokeVoidAsync("halleyPage.keep", new Uri(page.Uri).AbsolutePath, name, value ?? "");
}
