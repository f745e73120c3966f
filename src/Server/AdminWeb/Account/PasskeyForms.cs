using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.AdminWeb.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.Account;

/// <summary>Questions for the browser's authenticator, and the forms that bring its answers.</summary>
internal static class PasskeyForms
{
    public const string RegisterPath = "/account/passkeys/add";
    public const string RegisterQuestionPath = "/account/passkeys/question";
    public const string RemovePath = "/account/passkeys/remove";
    public const string SignInPath = "/sign-in/passkey";
    public const string SignInQuestionPath = "/sign-in/passkey/question";

    public static void MapPasskeyForms(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(RegisterQuestionPath, AskToRegisterAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();
        endpoints.MapPost(RegisterPath, RegisterAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();
        endpoints.MapPost(RemovePath, RemoveAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();
        endpoints.MapGet(SignInQuestionPath, AskToSignInAsync).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapPost(SignInPath, SignInAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<Ok<PasskeyQuestion>> AskToRegisterAsync(Passkeys passkeys, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await passkeys.AskToRegisterAsync(AdministratorIdentity.From(context.User)!, context));
    }

    private static async Task<Ok<PasskeyQuestion>> AskToSignInAsync(Passkeys passkeys, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await passkeys.AskToSignInAsync(context));
    }

    // The password is asked for, because a passkey is as good as one from then on.
    private static async Task<RedirectHttpResult> RegisterAsync(
        [FromForm] string? password, [FromForm] string? name, [FromForm] string? state, [FromForm] string? credential, AdministratorAccess access,
        Passkeys passkeys, HttpContext context)
    {
        var caller = AdministratorIdentity.From(context.User)!;
        var check = await access.CheckPasswordAsync(caller.Username, password ?? "", context.Connection.RemoteIpAddress, context.RequestAborted);
        if (check.Administrator is null)
        {
            return Answer("wrong-password");
        }

        return Answer(await passkeys.RegisterAsync(caller, state ?? "", credential ?? "", name ?? "", context) ? "added" : "failed");
    }

    private static async Task<RedirectHttpResult> RemoveAsync([FromForm] string? id, Passkeys passkeys, HttpContext context) =>
        Answer(await passkeys.RemoveAsync(AdministratorIdentity.From(context.User)!, id ?? "", context.RequestAborted) ? "removed" : "failed");

    private static async Task<RedirectHttpResult> SignInAsync(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? returnUrl, Passkeys passkeys, AdministratorSessions sessions,
        TimeProvider time, HttpContext context)
    {
        var signIn = await passkeys.SignInAsync(state ?? "", credential ?? "", context);
        if (signIn.Administrator is not { } administrator)
        {
            return TypedResults.LocalRedirect(SignInPage.PasskeyRefusedPath);
        }

        HalfSession.Forget(context);
        await sessions.RecordSignInAsync(administrator.Id, context.RequestAborted);
        await PageSession.StartAsync(context, administrator, time.GetUtcNow());
        return TypedResults.LocalRedirect(PageSession.LocalPath(returnUrl));
    }

    private static RedirectHttpResult Answer(string result) => TypedResults.LocalRedirect($"{PasskeysPage.Path}?result={result}");
}
