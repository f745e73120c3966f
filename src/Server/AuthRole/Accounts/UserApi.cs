using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AuthRole.Accounts;

/// <summary><c>/api/v2/user</c>: the account, profile, sessions and devices of the user who calls.</summary>
internal static class UserApi
{
    public static void MapUser(this IEndpointRouteBuilder endpoints)
    {
        var always = endpoints.MapGroup("").WithTags("User").RequireAuthorization(Policies.AccountAlways);
        always.MapGet(Routes.User, GetAsync);
        always.MapGet(Routes.UserProfile, GetProfileAsync);
        always.MapPut(Routes.UserPassword, ChangePasswordAsync).Accepts<ChangeLKey>("application/json")
            .WithMetadata(new RequestSizeLimitAttribute(AccountPartsApi.LargestProfile));
        always.MapDelete(Routes.UserCurrentSession, EndCurrentSessionAsync);

        var group = endpoints.MapGroup("").WithTags("User").RequireAuthorization(Policies.Account);
        group.MapPut(Routes.UserProfile, PutProfileAsync).Accepts<UserProfileConfig>("application/json")
            .WithMetadata(new RequestSizeLimitAttribute(AccountPartsApi.LargestProfile));
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
        AccountDirectory accounts, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.FindAsync(CallerOf(context).Username, ScopeOf(context), cancellationToken) is { } account
            ? TypedResults.Ok(account)
            : AccountAnswers.NotFound();

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> GetProfileAsync(
        FullProfiles profiles, HttpContext context, CancellationToken cancellationToken) =>
        await profiles.FindAsync(CallerOf(context).Username, ScopeOf(context), cancellationToken) is { } stored
            ? AccountAnswers.Show(ProfileRules.MaskedForUser(stored.Profile), stored.Hash, context)
            : AccountAnswers.NotFound();

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> PutProfileAsync(
        CometBody<UserProfileConfig> body, ProfileSaving saving, HttpContext context, CancellationToken cancellationToken)
    {
        if (AccountAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        if (body.Document is not { } profile)
        {
            return Problems.BadRequest("profile_invalid", "The body is not a UserProfileConfig as JSON.");
        }

        var change = await saving.SaveAsUserAsync(CallerOf(context), hash, profile, cancellationToken);
        return change.Stored is { } stored
            ? AccountAnswers.Show(ProfileRules.MaskedForUser(stored.Profile), stored.Hash, context)
            : AccountAnswers.Refuse(change, context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        CometBody<ChangeLKey> body, AccountPasswords passwords, HttpContext context, CancellationToken cancellationToken)
    {
        if (AccountAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        if (body.Document is not { Profile: { } profile } request)
        {
            return Problems.BadRequest("password_change_invalid", "Send currentLKey, newLKey and the profile with its secrets sealed anew.");
        }

        var caller = CallerOf(context);
        var change = await passwords.ChangeAsync(
            caller, AccountCredential.OfLKey(caller.Username, request.CurrentLKey ?? ""), request.NewLKey ?? "", hash, profile,
            context.Connection.RemoteIpAddress, cancellationToken);
        if (change.Stored is not { } stored)
        {
            return AccountAnswers.Refuse(change, context);
        }

        context.Response.Headers.ETag = AccountAnswers.ETagOf(stored.Hash);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndCurrentSessionAsync(AccountSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        if (CallerOf(context) is { SessionId: { } session } caller)
        {
            await sessions.EndAsync(caller.Id, session, caller.Username, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Ok<Page<SessionInfo>>> ListSessionsAsync(
        AccountSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = CallerOf(context);
        var found = await sessions.ListAsync(caller.Id, cancellationToken);
        return TypedResults.Ok(new Page<SessionInfo>([.. found.Select(session => session.ToWire(caller.SessionId))], Next: null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionAsync(
        Guid sessionId, AccountSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = CallerOf(context);
        return await sessions.EndAsync(caller.Id, sessionId, caller.Username, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("session_not_found", "You have no session with this id; it may have ended already.");
    }

    private static async Task<Ok<Page<DeviceInfo>>> ListDevicesAsync(
        DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<DeviceInfo>(
            [.. (await devices.ListAsync(CallerOf(context).Id, cancellationToken)).Select(device => device.ToWire())], Next: null));

    private static async Task<Results<NoContent, ProblemHttpResult>> RegisterDeviceAsync(
        RegisterDevice request, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await devices.RegisterAsync(CallerOf(context), request.Id ?? "", DevicesOnWire.ToConfig(request), cancellationToken);
        return change.Result == DeviceChangeResult.Done ? TypedResults.NoContent() : DevicesOnWire.Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RenameDeviceAsync(
        string deviceId, RenameDevice request, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = CallerOf(context);
        var change = await devices.RenameAsync(caller.Username, ScopeOf(context), deviceId, request.Name ?? "", caller.Username, cancellationToken);
        return change.Result == DeviceChangeResult.Done ? TypedResults.NoContent() : DevicesOnWire.Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeDeviceAsync(
        string deviceId, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = CallerOf(context);
        var change = await devices.RevokeAsync(caller.Username, ScopeOf(context), deviceId, caller.Username, cancellationToken);
        return change.Result == DeviceChangeResult.Done ? TypedResults.NoContent() : DevicesOnWire.Refuse(change);
    }

    private static async Task<Results<Ok<AuthenticatorAppCreated>, ProblemHttpResult>> RenewTotpAsync(
        UserCodes codes, HttpContext context, CancellationToken cancellationToken) => await codes.RenewAsync(CallerOf(context), context, cancellationToken);

    private static Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> TurnOnTotpAsync(
        ConfirmWithCode proof, UserCodes codes, HttpContext context, CancellationToken cancellationToken) =>
        codes.TurnOnAsync(CallerOf(context), proof.Code ?? "", context, cancellationToken);

    private static Task<Results<NoContent, ProblemHttpResult>> TurnOffTotpAsync(
        ConfirmWithCode proof, UserCodes codes, HttpContext context, CancellationToken cancellationToken) =>
        codes.TurnOffAsync(CallerOf(context), proof.Code ?? "", context, cancellationToken);

    private static Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        ConfirmWithCode proof, UserCodes codes, HttpContext context, CancellationToken cancellationToken) =>
        codes.RenewRecoveryCodesAsync(CallerOf(context), proof.Code ?? "", context, cancellationToken);

    private static AccountIdentity CallerOf(HttpContext context) => AccountIdentity.From(context.User)!;

    private static TenantScope ScopeOf(HttpContext context) => TenantScope.Of(CallerOf(context).OrganizationId);
}
