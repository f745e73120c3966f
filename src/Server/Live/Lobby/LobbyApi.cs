using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
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

    private static Ok<IReadOnlyList<LobbyDeviceInfo>> List(Caller caller, LobbyActions lobby) => TypedResults.Ok(lobby.List(caller));

    private static async Task<Results<NoContent, ProblemHttpResult>> SignInAsync(
        string deviceId, SignInLobbyDevice request, Caller caller, LobbyActions lobby, CancellationToken cancellationToken) =>
        (await lobby.SignInAsync(caller, deviceId, request, cancellationToken)).ToNoContent();

    private static async Task<Results<NoContent, ProblemHttpResult>> DismissAsync(string deviceId, Caller caller, LobbyActions lobby) =>
        (await lobby.DismissAsync(caller, deviceId)).ToNoContent();
}
