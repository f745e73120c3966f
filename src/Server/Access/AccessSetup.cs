using Halley.Server.Hosting;

namespace Halley.Server.Access;

internal static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder) => builder.Services.AddSingleton<StatusExplanation>(Explain);

    private static (string Code, string Detail)? Explain(HttpContext context, int status) =>
        status == StatusCodes.Status403Forbidden && context.User.HasClaim(claim => claim.Type == CallerKind.MustChangePassword)
            ? Problems.ChangePasswordFirst
            : null;
}
