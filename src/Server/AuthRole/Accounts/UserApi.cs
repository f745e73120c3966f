using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary><c>/api/v2/user</c>: the account, profile, sessions and devices of the user that calls.</summary>
internal static class UserApi
{
    public static void MapUser(this IEndpointRouteBuilder endpoints)
    {
        var always = endpoints.MapGroup("").WithTags("User").RequireAuthorization(Policies.AccountAlways);
        always.MapGet(Routes.User, GetAsync);
        always.MapGet(Routes.UserProfile, GetProfileAsync);
        always.MapPut(Routes.UserPassword, ChangePasswordAsync).Accepts<ChangeLKey>("application/json")
            .WithMetadata(new BodyLimit(ProfileAnswers.LargestProfile));
        always.MapDelete(Routes.UserCurrentSession, EndCurrentSessionAsync);

        var group = endpoints.MapGroup("").WithTags("User").RequireAuthorization(Policies.Account);
        group.MapPut(Routes.UserProfile, PutProfileAsync).Accepts<UserProfileConfig>("application/json")
            .WithMetadata(new BodyLimit(ProfileAnswers.LargestProfile));
        group.MapGet(Routes.UserSessions, ListSessionsAsync);
        group.MapDelete(Routes.UserSession, EndSessionAsync);
        group.MapGet(Routes.UserDevices, ListDevicesAsync);
        group.MapPost(Routes.UserDevices, RegisterDeviceAsync);
        group.MapPatch(Routes.UserDevice, RenameDeviceAsync);
        group.MapDelete(Routes.UserDevice, RevokeDeviceAsync);
        group.MapPost(Routes.UserTotp, RenewTotpAsync);
        group.MapPost(Routes.UserTotpProof, TurnOnTotpAsync);
        group.MapPost(Routes.UserTotpRemoval, TurnOffTotpAsync);
        group.MapPost(Routes.UserRecoveryCodes, RenewRecoveryCodesAsync);
    }

    private static async Task<Results<Ok<AccountInfo>, ProblemHttpResult>> GetAsync(
        AccountIdentity user, AccountActions accounts, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await accounts.FindAsync(new AccountCaller(user), cancellationToken));

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> GetProfileAsync(
        AccountIdentity user, ProfileActions profiles, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await profiles.FindAsync(new AccountCaller(user), cancellationToken), context);

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> PutProfileAsync(
        CometBody<UserProfileConfig> body, AccountIdentity user, ProfileActions profiles, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (ProfileAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        return body.Document is { } profile
            ? ProfileAnswers.Answer(await profiles.SaveAsync(new AccountCaller(user), hash, profile, cancellationToken), context)
            : Problems.BadRequest("profile_invalid", "The body is not a UserProfileConfig as JSON.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        CometBody<ChangeLKey> body, AccountIdentity user, AccountPasswordActions passwords, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (ProfileAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        if (body.Document is not { Profile: { } profile } request)
        {
            return Problems.BadRequest(
                "password_change_invalid", "Send currentLKey, newLKey and the profile with its secrets encrypted again.");
        }

        var change = await passwords.ChangeLKeyAsync(
            user, request.CurrentLKey ?? "", request.NewLKey ?? "", hash, profile, cancellationToken);
        if (!change.TryGet(out var stored, out var refusal))
        {
            return refusal.ToProblem(context);
        }

        ProfileAnswers.SetTag(context, stored.Hash);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndCurrentSessionAsync(
        AccountIdentity user, AccountSessions sessions, CancellationToken cancellationToken)
    {
        if (user.SessionId is { } session)
        {
            await sessions.EndAsync(user.Id, session, user.Username, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<Page<SessionInfo>>, ProblemHttpResult>> ListSessionsAsync(
        AccountIdentity user, AccountSessionActions sessions, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await sessions.ListAsync(new AccountCaller(user), cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionAsync(
        Guid sessionId, AccountIdentity user, AccountSessionActions sessions, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await sessions.EndAsync(new AccountCaller(user), sessionId, cancellationToken), context);

    private static async Task<Results<Ok<Page<DeviceInfo>>, ProblemHttpResult>> ListDevicesAsync(
        AccountIdentity user, DeviceActions devices, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.ListAsync(new AccountCaller(user), cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RegisterDeviceAsync(
        RegisterDevice request, AccountIdentity user, DeviceActions devices, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.RegisterAsync(user, request, cancellationToken), context);

    private static async Task<Results<NoContent, ProblemHttpResult>> RenameDeviceAsync(
        string deviceId, RenameDevice request, AccountIdentity user, DeviceActions devices, HttpContext context,
        CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.RenameAsync(new AccountCaller(user), deviceId, request.Name ?? "", cancellationToken), context);

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeDeviceAsync(
        string deviceId, AccountIdentity user, DeviceActions devices, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.RevokeAsync(new AccountCaller(user), deviceId, cancellationToken), context);

    private static async Task<Results<Ok<AuthenticatorAppCreated>, ProblemHttpResult>> RenewTotpAsync(
        AccountIdentity user, AccountCodeActions codes, HttpContext context, CancellationToken cancellationToken)
    {
        var renewed = await codes.RenewAsync(user, requiredHash: null, replaceInUse: false, cancellationToken);
        if (!renewed.TryGet(out var app, out var refusal))
        {
            return refusal.ToProblem();
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new AuthenticatorAppCreated(app.SetUp.Image, app.SetUp.Link, app.SetUp.Secret));
    }

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> TurnOnTotpAsync(
        ConfirmWithCode proof, AccountIdentity user, AccountCodeActions codes, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return ProfileAnswers.Answer(await codes.TurnOnAsync(user, proof.Code ?? "", cancellationToken));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> TurnOffTotpAsync(
        ConfirmWithCode proof, AccountIdentity user, AccountCodeActions codes, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await codes.TurnOffAsync(user, proof.Code ?? "", cancellationToken), context);

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        ConfirmWithCode proof, AccountIdentity user, AccountCodeActions codes, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return ProfileAnswers.Answer(await codes.RenewRecoveryCodesAsync(user, proof.Code ?? "", cancellationToken));
    }
}
