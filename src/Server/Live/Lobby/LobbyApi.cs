using System.Security.Claims;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Live.Lobby;

/// <summary><c>/api/v2/lobby</c>.</summary>
internal static class LobbyApi
{
    public static void MapLobby(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Devices").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.LobbyDevices, List);
        group.MapPost(Routes.LobbySignIn, SignInAsync);
        group.MapDelete(Routes.LobbyDevice, DismissAsync);
    }

    public static LobbyDeviceInfo ToWire(LobbyDevice device) => new(
        device.Hello!.DeviceId, device.Hello.Name, device.OrganizationId, device.Hello.ClientVersion, device.Hello.Platform, device.Hello.TimeZone, device.Address,
        device.Since.UtcDateTime);

    private static Ok<List<LobbyDeviceInfo>> List(ClaimsPrincipal caller, LobbyDevices lobby) =>
        TypedResults.Ok(lobby.List(TenantScope.OfCaller(caller)).Select(ToWire).ToList());

    private static async Task<Results<NoContent, ProblemHttpResult>> SignInAsync(
        string deviceId, SignInLobbyDevice request, ClaimsPrincipal caller, LobbyOffice office, CancellationToken cancellationToken)
    {
        if (request.Username is not { Length: > 0 } username || username.Contains('\0', StringComparison.Ordinal))
        {
            return Problems.BadRequest("username_invalid", "username must be the name of an account.");
        }

        var outcome = await office.SignInAsync(deviceId, username, TenantScope.OfCaller(caller), caller.Identity?.Name ?? "", cancellationToken);
        return outcome.IsDone ? TypedResults.NoContent()
            : outcome == LobbyOffice.NotWaiting || outcome == LobbyOffice.UnknownAccount ? Problems.NotFound(outcome.Code, outcome.Message)
            : Problems.Conflict(outcome.Code, outcome.Message);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DismissAsync(string deviceId, ClaimsPrincipal caller, LobbyOffice office) =>
        await office.DismissAsync(deviceId, TenantScope.OfCaller(caller), caller.Identity?.Name ?? "")
            ? TypedResults.NoContent()
            : Problems.NotFound(LobbyOffice.NotWaiting.Code, LobbyOffice.NotWaiting.Message);
}
