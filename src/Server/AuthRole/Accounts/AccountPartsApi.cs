using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>The parts of an account, for administrators: profile, versions, devices, sessions, install tokens.</summary>
internal static class AccountPartsApi
{
    public static void MapAccountParts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Accounts").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.AccountProfile, GetProfileAsync);
        group.MapPut(Routes.AccountProfile, PutProfileAsync).Accepts<UserProfileConfig>("application/json")
            .WithMetadata(new BodyLimit(ProfileAnswers.LargestProfile));
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
        string username, Caller caller, ProfileActions profiles, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await profiles.FindAsync(new AccountCaller(caller, username), cancellationToken), context);

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> PutProfileAsync(
        string username, CometBody<UserProfileConfig> body, Caller caller, ProfileActions profiles, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (ProfileAnswers.RequiredHash(context, out var hash) is { } problem)
        {
            return problem;
        }

        return body.Document is { } profile
            ? ProfileAnswers.Answer(
                await profiles.SaveAsync(new AccountCaller(caller, username), hash, profile, cancellationToken), context)
            : Problems.BadRequest("profile_invalid", "The body is not a UserProfileConfig as JSON.");
    }

    private static async Task<Results<Ok<Page<ProfileVersionInfo>>, ProblemHttpResult>> ListVersionsAsync(
        string username, Caller caller, ProfileActions profiles, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await profiles.ListVersionsAsync(new AccountCaller(caller, username), cancellationToken));

    private static async Task<Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult>> RestoreAsync(
        string username, Guid versionId, Caller caller, ProfileActions profiles, HttpContext context,
        CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await profiles.RestoreAsync(new AccountCaller(caller, username), versionId, cancellationToken), context);

    private static async Task<Results<Ok<Page<DeviceInfo>>, ProblemHttpResult>> ListDevicesAsync(
        string username, Caller caller, DeviceActions devices, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.ListAsync(new AccountCaller(caller, username), cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RenameDeviceAsync(
        string username, string deviceId, RenameDevice request, Caller caller, DeviceActions devices, HttpContext context,
        CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(
            await devices.RenameAsync(new AccountCaller(caller, username), deviceId, request.Name ?? "", cancellationToken), context);

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeDeviceAsync(
        string username, string deviceId, Caller caller, DeviceActions devices, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await devices.RevokeAsync(new AccountCaller(caller, username), deviceId, cancellationToken), context);

    private static async Task<Results<Ok<Page<SessionInfo>>, ProblemHttpResult>> ListSessionsAsync(
        string username, Caller caller, AccountSessionActions sessions, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await sessions.ListAsync(new AccountCaller(caller, username), cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> EndSessionAsync(
        string username, Guid sessionId, Caller caller, AccountSessionActions sessions, HttpContext context,
        CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await sessions.EndAsync(new AccountCaller(caller, username), sessionId, cancellationToken), context);

    private static async Task<Results<Ok<Page<InstallTokenInfo>>, ProblemHttpResult>> ListTokensAsync(
        string username, Caller caller, InstallTokenActions tokens, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await tokens.ListAsync(new AccountCaller(caller, username), cancellationToken));

    private static async Task<Results<Created<InstallTokenCreated>, ProblemHttpResult>> CreateTokenAsync(
        string username, Caller caller, InstallTokenActions tokens, HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await tokens.CreateAsync(new AccountCaller(caller, username), cancellationToken)).TryGet(out var made, out var refusal))
        {
            return refusal.ToProblem();
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            Routes.ToAccountInstallToken(username, made.Stored.Id),
            new InstallTokenCreated(made.Stored.Id, made.Text, made.Stored.ExpiresAt));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTokenAsync(
        string username, Guid tokenId, Caller caller, InstallTokenActions tokens, HttpContext context,
        CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await tokens.DeleteAsync(new AccountCaller(caller, username), tokenId, cancellationToken), context);
}
