using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AdminWeb.SignIn;

internal static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/sign-out", SignOutAsync).RequireAuthorization(Policies.Administrator).ExcludeFromDescription();

    // The framework requires the antiforgery token only if the handler reads the form.
    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext context, [FromForm(Name = "reason")] string? reason)
    {
        _ = reason;
        await PageSession.EndAsync(context);
        return TypedResults.LocalRedirect(SignInPage.SignedOutPath);
    }
}
