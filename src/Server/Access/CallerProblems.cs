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
        _ => null,
    };
}
