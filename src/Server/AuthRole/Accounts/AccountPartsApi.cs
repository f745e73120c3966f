using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>What hangs on an account, for administrators: profile, versions, devices, sessions, install tokens.</summary>
internal static class AccountPartsApi
{
    public const long LargestProfile = 8 * 1024 * 1024;

    public static void MapAccountParts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Accounts").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.AccountProfile, GetProfileAsync);
        group.MapPut(Routes.AccountProfile, PutProfileAsync).Accepts<UserProfileConfig>("application/json")
            .WithMetadata(new RequestSizeLimitAttribute(LargestProfile));
        group.MapGet(Routes.AccountProfileVersions, ListVersionsAsync);
        group.MapPost(Routes.AccountProfileRestore, RestoreAsync);
        group.MapGet(Routes.AccountDevices, ListDevicesAsync);
        group.MapPatch(Routes.AccountDevice, RenameDeviceAsync);
        group.MapDelete(Routes.AccountDevice, RevokeDeviceAsync);
        group.MapGet(Routes.AccountSessions, ListSessionsAsync);
        group.MapDelete(Routes.AccountSession, EndSessionAsync);
        group.MapGet(Routes.AccountInstallTokens, ListTokensAsync);
        group.MapPost(Routes.AccountInstallTokens, CreateTokenAsync);
        group.MapDelete(Routes.AccountInstallToken, DeleteTokenAsync);
    }

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> GetProfileAsync(
        string username, FullProfiles profiles, HttpContext context, CancellationToken cancellationToken) =>
        await profiles.FindAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } stored
            ? AccountAnswers.Show(stored.Profile, stored.Hash, context)
            : AccountAnswers.NotFound();

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> PutProfileAsync(
        string username, CometBody<UserProfileConfig> body, ProfileSaving saving, HttpContext context, CancellationToken cancellationToken)
    {
        if (AccountAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        if (body.Document is not { } profile)
        {
            return Problems.BadRequest("profile_invalid", "The body is not a UserProfileConfig as JSON.");
        }

        var change = await saving.SaveAsAdministratorAsync(
            username, TenantScope.OfCaller(context.User), hash, ActorOf(context), profile, [],
            CallerPermissions.Policies(context.User), cancellationToken);
        return change.Stored is { } stored
            ? AccountAnswers.Show(stored.Profile, stored.Hash, context)
            : AccountAnswers.Refuse(change, context);
    }

    private static async Task<Results<Ok<Page<ProfileVersionInfo>>, ProblemHttpResult>> ListVersionsAsync(
        string username, AccountDirectory accounts, ProfileHistory history, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
            ? TypedResults.Ok(new Page<ProfileVersionInfo>(
                [.. (await history.ListAsync(account.Id, cancellationToken)).Select(version =>
                    new ProfileVersionInfo(version.Id, version.Hash, version.SavedAt, version.SavedBy))],
                Next: null))
            : AccountAnswers.NotFound();

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> RestoreAsync(
        string username, Guid versionId, ProfileHistory history, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await history.RestoreAsync(username, TenantScope.OfCaller(context.User), versionId, null, ActorOf(context), cancellationToken);
        return change switch
        {
            { Stored: { } stored } => AccountAnswers.Show(stored.Profile, stored.Hash, context),
            { Result: ProfileChangeResult.NotFound } => Problems.NotFound("version_not_found", "The account has no version with this id."),
            _ => AccountAnswers.Refuse(change, context),
        };
    }

    private static async Task<Results<Ok<Page<DeviceInfo>>, ProblemHttpResult>> ListDevicesAsync(
        string username, AccountDirectory accounts, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
            ? TypedResults.Ok(new Page<DeviceInfo>([.. (await devices.ListAsync(account.Id, cancellationToken)).Select(device => device.ToWire())], Next: null))
            : AccountAnswers.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> RenameDeviceAsync(
        string username, string deviceId, RenameDevice request, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await devices.RenameAsync(
            username, TenantScope.OfCaller(context.User), deviceId, request.Name ?? "", ActorOf(context), cancellationToken);
        return change.Result == DeviceChangeResult.Done ? TypedResults.NoContent() : DevicesOnWire.Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeDeviceAsync(
        string username, string deviceId, DeviceRegistration devices, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await devices.RevokeAsync(username, TenantScope.OfCaller(context.User), deviceId, ActorOf(context), cancellationToken);
        return change.Result == DeviceChangeResult.Done ? TypedResults.NoContent() : DevicesOnWire.Refuse(change);
    }

    private static async Task<Results<Ok<Page<SessionInfo>>, ProblemHttpResult>> ListSessionsAsync(
        string username, AccountDirectory accounts, AccountSessions sessions, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
            ? TypedResults.Ok(new Page<SessionInfo>(
                [.. (await sessions.ListAsync(account.Id, cancellationToken)).Select(session => session.ToWire(current: null))], Next: null))
            : AccountAnswers.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionAsync(
        string username, Guid sessionId, AccountDirectory accounts, AccountSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        if (await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is not { } account)
        {
            return AccountAnswers.NotFound();
        }

        return await sessions.EndAsync(account.Id, sessionId, ActorOf(context), cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("session_not_found", "The account has no session with this id; it may have ended already.");
    }

    private static async Task<Results<Ok<Page<InstallTokenInfo>>, ProblemHttpResult>> ListTokensAsync(
        string username, AccountDirectory accounts, InstallTokens tokens, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
            ? TypedResults.Ok(new Page<InstallTokenInfo>(
                [.. (await tokens.ListAsync(account.Id, cancellationToken)).Select(token =>
                    new InstallTokenInfo(token.Id, token.CreatedAt, token.CreatedBy, token.ExpiresAt, token.UsedAt))],
                Next: null))
            : AccountAnswers.NotFound();

    private static async Task<Results<Created<InstallTokenCreated>, ProblemHttpResult>> CreateTokenAsync(
        string username, InstallTokens tokens, HttpContext context, CancellationToken cancellationToken)
    {
        if (await tokens.CreateAsync(username, TenantScope.OfCaller(context.User), ActorOf(context), cancellationToken) is not (var text, var token))
        {
            return AccountAnswers.NotFound();
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"{Routes.Accounts}/{Uri.EscapeDataString(username)}/install-tokens/{token.Id}", new InstallTokenCreated(token.Id, text, token.ExpiresAt));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTokenAsync(
        string username, Guid tokenId, AccountDirectory accounts, InstallTokens tokens, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.IdentifyAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
        && await tokens.DeleteAsync(account.Id, tokenId, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("token_not_found", "The account has no install token with this id.");

    private static string ActorOf(HttpContext context) => context.User.Identity?.Name ?? "";
}
