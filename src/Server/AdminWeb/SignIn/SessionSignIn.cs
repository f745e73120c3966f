using Halley.Server.Administrators;
using Halley.Server.AdminWeb.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.SignIn;

/// <summary>
/// The form that the sign-in page sends when the site that opened it has handed it the key of a session. The script of the page takes a
/// key only from the origins in <see cref="SessionSignInOptions"/>.
/// </summary>
internal static class SessionSignIn
{
    public const string Path = "/sign-in/session";

    public static void MapSessionSignIn(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<Results<RedirectHttpResult, NotFound>> SignInAsync(
        [FromForm] string? username, [FromForm] string? key, SessionSignInOptions options, AdministratorSessions sessions,
        AdministratorStore store, TimeProvider time, HttpContext context)
    {
        if (options.Origins.Length == 0)
        {
            return TypedResults.NotFound();
        }

        var caller = await sessions.UseAsync(key ?? "", context.Connection.RemoteIpAddress, context.RequestAborted);
        if (caller is null || !string.Equals(caller.Name, username, StringComparison.OrdinalIgnoreCase)
            || await store.FindAsync(caller.Id, context.RequestAborted) is not { } administrator)
        {
            return TypedResults.LocalRedirect(SignInPage.SessionRefusedPath);
        }

        HalfSession.Forget(context);
        await sessions.RecordSignInAsync(administrator.Id, context.RequestAborted);
        await PageSession.StartAsync(context, administrator, time.GetUtcNow());
        return TypedResults.LocalRedirect("/");
    }
}
