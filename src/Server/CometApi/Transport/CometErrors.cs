using Halley.Server.Access;
using Halley.Server.Administrators;

namespace Halley.Server.CometApi.Transport;

/// <summary>Failures as the vendor's clients expect them: a status and a sentence in the body of an HTTP 200.</summary>
internal static class CometErrors
{
    public static readonly CometApiResponseMessage Unauthorised = new(403, "Unauthorised");
    public static readonly CometApiResponseMessage Busy = new(503, "Too many sign-ins are being checked; try again in a few seconds");
    public static readonly CometApiResponseMessage CodeMissing = new(449, CometCredentials.TotpRequired);
    public static readonly CometApiResponseMessage PasskeyMissing = new(449, "This administrator signs in with a passkey, on the page");
    public static readonly CometApiResponseMessage MustChangePassword = new(403, "The password must be changed before anything else");
    public static readonly CometApiResponseMessage Forbidden = new(403, "This administrator may not do this");
    public static readonly CometApiResponseMessage UnknownCall = new(404, "This server does not have this call");
    public static readonly CometApiResponseMessage NotAForm =
        new(400, "Send each field once, as application/x-www-form-urlencoded in UTF-8");
    public static readonly CometApiResponseMessage TooLarge = new(400, "The request body is too large");
    public static readonly CometApiResponseMessage Internal = new(500, "The server failed; its log has the details");

    public static readonly CometApiResponseMessage OtherOrganization =
        new(403, "Parameter TargetOrganization is for administrators of the top level");
    public static readonly CometApiResponseMessage NotOnTheWeb = new(403, "The policy of this account does not allow to use it on the web");
    public static readonly CometApiResponseMessage PasswordsNotTaken =
        new(403, "This server takes no passwords of users; send the L-key with AuthType=LKey");
    public static readonly CometApiResponseMessage UnknownUser = new(400, "User not found");

    public static readonly CometApiResponseMessage UnknownDevice = new(400, "Device not found");
    public static readonly CometApiResponseMessage UnknownBucket = new(404, "Bucket not found");

    /// <summary>
    /// A refused operation, as the vendor's clients expect it. They test what is unknown for these statuses and sentences.
    /// </summary>
    public static CometApiResponseMessage Of(Refusal refusal) => refusal.Code switch
    {
        "account_not_found" => UnknownUser,
        "device_not_found" => UnknownDevice,
        "bucket_not_found" => UnknownBucket,
        "administrator_not_found" => BadRequest(refusal.Reason),
        "would_lock_out" => new(403, refusal.Reason),
        _ => new(StatusOf(refusal.Kind), refusal.Reason),
    };

    /// <summary>OK when the operation was done, the refusal otherwise.</summary>
    public static CometApiResponseMessage OkOr(Refusal? refusal) => refusal is null ? CometApiResponseMessage.Ok : Of(refusal);

    /// <summary>The role that serves the call is switched off in the settings.</summary>
    public static CometApiResponseMessage RoleOff(string role) => new(503, $"The {role} of this server is switched off");

    /// <summary>A field is missing or invalid.</summary>
    public static CometApiResponseMessage BadField(string name, string must) => new(400, $"Parameter {name} {must}");

    public static CometApiResponseMessage BadRequest(string message) => new(400, message);

    public static CometApiResponseMessage NotFound(string message) => new(404, message);

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => 400,
        RefusalKind.Forbidden => 403,
        RefusalKind.NotFound => 404,
        RefusalKind.Conflict or RefusalKind.Stale => 409,
        RefusalKind.Busy or RefusalKind.Unavailable => 503,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A new kind of refusal needs a status."),
    };
}
