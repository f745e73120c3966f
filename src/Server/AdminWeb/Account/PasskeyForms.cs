using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.AdminWeb.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.Account;

/// <summary>Challenges for the browser's authenticator, and the forms that return its responses.</summary>
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
        return TypedResults.Ok(await passkeys.AskToRegisterAsync(Caller.Of(context.User), context));
    }

    private static async Task<Ok<PasskeyQuestion>> AskToSignInAsync(Passkeys passkeys, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await passkeys.AskToSignInAsync(context));
    }

    private static async Task<RedirectHttpResult> RegisterAsync(
        [FromForm] string? password, [FromForm] string? name, [FromForm] string? state, [FromForm] string? credential, Caller caller,
        OwnAccountActions account, HttpContext context)
    {
        var answer = new PasskeyAnswer(state ?? "", credential ?? "");
        var refusal = await account.AddPasskeyAsync(caller, password ?? "", answer, name ?? "", context);
        return Answer(refusal?.Code ?? "added");
    }

    private static async Task<RedirectHttpResult> RemoveAsync(
        [FromForm] string? id, [FromForm] string? password, Caller caller, OwnAccountActions account, HttpContext context) =>
        Answer((await account.RemovePasskeyAsync(
            caller with { Address = context.Connection.RemoteIpAddress }, password ?? "", id ?? "", context.RequestAborted))?.Code
            ?? "removed");

    private static async Task<RedirectHttpResult> SignInAsync(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? returnUrl, Passkeys passkeys,
        AdministratorSessions sessions,
        TimeProvider time, HttpContext context)
    {
        var signIn = await passkeys.SignInAsync(new PasskeyAnswer(state ?? "", credential ?? ""), context);
        if (signIn.Administrator is not { } administrator)
        {
            return TypedResults.LocalRedirect(SignInPage.PasskeyRefusedPath);
        }

        HalfSession.Forget(context);
        await sessions.RecordSignInAsync(administrator.Id, context.RequestAborted);
        await PageSession.StartAsync(context, administrator, time.GetUtcNow());
        return TypedResults.LocalRedirect(PageSession.LocalPath(returnUrl, context.Request.PathBase));
    }

    private static RedirectHttpResult Answer(string result) => TypedResults.LocalRedirect($"{PasskeysPage.Path}?result={result}");
}
