using Halley.Server.Hosting;
using Microsoft.AspNetCore.Authorization;

namespace Halley.Server.Access;

/// <summary>Responses of <c>/api/v2</c> to callers that are not signed in, or may not continue yet.</summary>
internal static class CallerProblems
{
    public const string InvalidCredentials = "invalid_credentials";
    public const string SessionRequired = "session_required";

    public static readonly Refusal ChangePasswordFirst =
        Refusal.Forbidden("password_change_required", "Change the password before anything else.");

    /// <summary>The code and advice for a status that the framework returned without a body; null if the status says enough.</summary>
    public static (string Code, string Detail)? Explain(HttpContext context, int status) => status switch
    {
        StatusCodes.Status401Unauthorized =>
            (SessionRequired, "Start a session with POST /api/v2/sessions and send its key as 'Authorization: Bearer'."),
        StatusCodes.Status403Forbidden when context.User.HasClaim(claim => claim.Type == CallerKind.MustChangePassword) =>
            (ChangePasswordFirst.Code, ChangePasswordFirst.Reason),
        StatusCodes.Status403Forbidden => Missing(context) is { } missing ? (Problems.Forbidden, missing) : null,
        _ => null,
    };

    // Which of the endpoint's policies the caller does not meet.
    private static string? Missing(HttpContext context)
    {
        var policies = context.GetEndpoint()?.Metadata.OfType<IAuthorizeData>().Select(data => data.Policy).ToList() ?? [];
        var isForAdministrators = policies.Exists(
            policy => policy?.StartsWith(Policies.Administrator, StringComparison.Ordinal) == true || policy == Policies.OwnAccount);
        if (Caller.TryOf(context.User) is not { } caller)
        {
            return isForAdministrators ? "This needs the session or token of an administrator, not of a backup user." : null;
        }

        return !isForAdministrators ? "This needs the session of a backup user, not of an administrator."
            : Enum.GetValues<Requires>().Where(one => one != Requires.None && policies.Contains(Policies.NameOf(one)))
                .Select(one => caller.Lacks(one)?.Reason).FirstOrDefault(reason => reason is not null)
            ?? "The token of this request does not have the scope for this; tokens with the scope full do.";
    }
}
