using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.Account;

/// <summary>Takes the form of the account page: an ordinary post, because only its answer can carry this browser's new cookie.</summary>
internal static class PasswordChangeForm
{
    public const string Path = "/account/password";

    public static void MapPasswordChange(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Path, ChangeAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();

    private static async Task<RedirectHttpResult> ChangeAsync(
        [FromForm] string? current, [FromForm] string? password, [FromForm] string? repetition, AdministratorPasswords passwords,
        AdministratorDirectory directory, TimeProvider time, HttpContext context)
    {
        if (AdministratorIdentity.From(context.User) is not { } caller)
        {
            return TypedResults.LocalRedirect(SignInPage.Path);
        }

        if (password != repetition)
        {
            return Answer("different");
        }

        var client = context.Connection.RemoteIpAddress;
        var change = await passwords.ChangeAsync(caller, current ?? "", password ?? "", client, context.RequestAborted);
        switch (change.Result)
        {
            case PasswordChangeResult.Changed:
                // The change ended this browser's cookie as well.
                if (await directory.FindAsync(caller.Id, context.RequestAborted) is not { } administrator)
                {
                    return TypedResults.LocalRedirect(SignInPage.Path);
                }

                await PageSession.StartAsync(context, administrator, time.GetUtcNow());
                return Answer("changed");
            case PasswordChangeResult.WrongPassword:
                return Answer("wrong");
            case PasswordChangeResult.Forbidden:
                return Answer("forbidden");
            case PasswordChangeResult.Busy:
                return Answer("busy");
            default:
                return Answer("unacceptable");
        }
    }

    private static RedirectHttpResult Answer(string result) => TypedResults.LocalRedirect($"/account?password={result}");
}
