using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.Account;

/// <summary>
/// Handles the form of the account page. It is an ordinary post, because only its response can set this browser's new cookie.
/// </summary>
internal static class PasswordChangeForm
{
    public const string Path = "/account/password";

    public static void MapPasswordChange(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Path, ChangeAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();

    private static async Task<RedirectHttpResult> ChangeAsync(
        [FromForm] string? current, [FromForm] string? password, [FromForm] string? repetition, Caller caller, OwnAccountActions account,
        AdministratorStore administrators, TimeProvider time, HttpContext context)
    {
        if (password != repetition)
        {
            return Answer("different");
        }

        if (await account.ChangePasswordAsync(caller, current ?? "", password ?? "", context.RequestAborted) is { } refusal)
        {
            return Answer(refusal.Code);
        }

        // The change invalidated this browser's cookie as well.
        if (await administrators.FindAsync(caller.Id, context.RequestAborted) is not { } administrator)
        {
            return TypedResults.LocalRedirect(SignInPage.Path);
        }

        await PageSession.StartAsync(context, administrator, time.GetUtcNow());
        return Answer("changed");
    }

    private static RedirectHttpResult Answer(string result) => TypedResults.LocalRedirect($"/account?password={result}");
}
