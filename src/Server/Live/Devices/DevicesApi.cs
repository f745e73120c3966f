using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Live.Devices;

/// <summary><c>/api/v2/devices</c>: registered devices and their connections, and the commands to them.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Devices").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Devices, ListAsync);
        group.MapDelete(Routes.DeviceConnection, DropAsync);
        group.MapPost(Routes.DeviceCommands, GiveAsync);
        group.MapGet(Routes.DeviceCommands, ListCommandsAsync);
        group.MapGet(Routes.Command, GetCommandAsync);
        group.MapDelete(Routes.Command, WithdrawAsync);
    }

    private static async Task<Results<Ok<Page<DeviceStatus>>, ProblemHttpResult>> ListAsync(
        string? user, bool? connected, string? after, int? limit, Caller caller, LiveDeviceActions devices,
        CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } problem
            ? problem
            : (await devices.ListAsync(caller, new DeviceFilter(user, connected, after), count, cancellationToken)).ToOk();

    private static async Task<Results<NoContent, ProblemHttpResult>> DropAsync(
        string deviceId, string? user, Caller caller, LiveDeviceActions devices, CancellationToken cancellationToken) =>
        (await devices.DropAsync(caller, deviceId, user, cancellationToken)).ToNoContent();

    private static async Task<Results<Created<DeviceCommandInfo>, ProblemHttpResult>> GiveAsync(
        string deviceId, string? user, GiveCommand request, Caller caller, CommandActions commands, CancellationToken cancellationToken) =>
        (await commands.GiveAsync(caller, deviceId, user, request, cancellationToken))
            .ToCreated(command => Routes.ToCommand(command.Id));

    private static async Task<Results<Ok<Page<DeviceCommandInfo>>, ProblemHttpResult>> ListCommandsAsync(
        string deviceId, string? user, string? after, int? limit, Caller caller, CommandActions commands,
        CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } problem
            ? problem
            : (await commands.ListAsync(caller, deviceId, user, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Ok<DeviceCommandInfo>, ProblemHttpResult>> GetCommandAsync(
        Guid commandId, Caller caller, CommandActions commands, CancellationToken cancellationToken) =>
        (await commands.GetAsync(caller, commandId, cancellationToken)).ToOk();

    private static async Task<Results<NoContent, ProblemHttpResult>> WithdrawAsync(
        Guid commandId, Caller caller, CommandActions commands, CancellationToken cancellationToken) =>
        (await commands.WithdrawAsync(caller, commandId, cancellationToken)).ToNoContent();
}
