namespace Halley.Server.Access;

/// <summary>What <c>/api/v2</c> tells callers that are not signed in, or not yet allowed to go on.</summary>
internal static class CallerProblems
{
    public const string InvalidCredentials = "invalid_credentials";
    public const string SessionRequired = "session_required";

    public static readonly Refusal ChangePasswordFirst =
        Refusal.Forbidden("password_change_required", "Change the password before anything else.");

    /// <summary>The code and advice for a status that the framework returned without a body; null when the status says enough.</summary>
    public static (string Code, string Detail)? Explain(HttpContext context, int status) => status switch
    {
        StatusCodes.Status401Unauthorized =>
            (SessionRequired, "Start a session with POST /api/v2/sessions and send its key as 'Authorization: Bearer'."),
        StatusCodes.Status403Forbidden when context.User.HasClaim(claim => claim.Type == CallerKind.MustChangePassword) =>
            (ChangePasswordFirst.Code, ChangePasswordFirst.Reason),
        _ => null,
    };
}
