using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Live.Commands;

/// <summary><c>/api/v2/devices/{id}/commands</c>.</summary>
internal static class CommandsApi
{
    private const int LongestWait = 60;
    private const int ShortestTtl = 10;
    private const int LongestTtl = 30 * 24 * 60 * 60;
    private const int DefaultTtl = 60 * 60;

    public static void MapCommands(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Devices").RequireAuthorization(Policies.Administrator);
        group.MapPost(Routes.DeviceCommands, GiveAsync);
        group.MapGet(Routes.DeviceCommands, ListAsync);
        group.MapGet(Routes.Command, GetAsync);
        group.MapDelete(Routes.Command, WithdrawAsync);
    }

    private static async Task<Results<Created<DeviceCommandInfo>, ProblemHttpResult>> GiveAsync(
        string deviceId, string? user, GiveCommand request, ClaimsPrincipal caller, Fleet fleet, LiveDevices devices, DeviceCommands commands, CommandStore store,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var arguments = request.Arguments is { } given ? given.GetRawText() : "{}";
        if (ProblemWith(request, arguments, out var kind) is { } wrong)
        {
            return wrong;
        }

        var (member, problem) = await DevicesApi.FindAsync(fleet, deviceId, user, caller, cancellationToken);
        if (member is null)
        {
            return problem!;
        }

        if (!request.WaitForDevice && devices.Find(member.Key) is null)
        {
            return Problems.Conflict("device_not_connected", "The device is not connected; with waitForDevice the command is kept until it is.");
        }

        var (command, giving) = await commands.AddAsync(
            new CommandRequest(
                member.Key, member.Username, member.OrganizationId, kind!, arguments, TimeSpan.FromSeconds(request.TtlSeconds ?? DefaultTtl), caller.Identity?.Name ?? ""),
            cancellationToken);
        if (request.WaitSeconds > 0)
        {
            await giving.WaitAsync(TimeSpan.FromSeconds(request.WaitSeconds), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            command = await store.FindAsync(command.Id, TenantScope.Everything, account: null, cancellationToken) ?? command;
        }

        return TypedResults.Created(Routes.ToCommand(command.Id), ToWire(command, store));
    }

    private static async Task<Results<Ok<Page<DeviceCommandInfo>>, ProblemHttpResult>> ListAsync(
        string deviceId, string? user, string? after, int? limit, ClaimsPrincipal caller, Fleet fleet, CommandStore store, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        DateTime? before = null;
        if (after is not null)
        {
            if (!DateTime.TryParseExact(after, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
            {
                return Problems.BadRequest("after_invalid", "after must be the next of the page before.");
            }

            before = time.ToUniversalTime();
        }

        var (member, problem) = await DevicesApi.FindAsync(fleet, deviceId, user, caller, cancellationToken);
        if (member is null)
        {
            return problem!;
        }

        var found = await store.ListAsync(TenantScope.OfCaller(caller), member.Key, before, count + 1, cancellationToken);
        return TypedResults.Ok(Paging.Page(
            found, count, command => ToWire(command, store), command => command.CreatedAt.ToString("O", CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<Ok<DeviceCommandInfo>, ProblemHttpResult>> GetAsync(
        Guid commandId, ClaimsPrincipal caller, CommandStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(commandId, TenantScope.OfCaller(caller), account: null, cancellationToken) is { } command
            ? TypedResults.Ok(ToWire(command, store))
            : NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> WithdrawAsync(
        Guid commandId, ClaimsPrincipal caller, CommandStore store, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(commandId, TenantScope.OfCaller(caller), account: null, cancellationToken) is not { } command)
        {
            return NotFound();
        }

        return command.State == CommandStates.Withdrawn || await store.WithdrawAsync(commandId, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict("command_was_sent", "The device has got the command or it has ended, so it cannot be taken back.");
    }

    public static DeviceCommandInfo ToWire(StoredCommand command, CommandStore store) => new(
        command.Id, command.Username, command.DeviceId, command.Kind, command.State,
        store.Open(command.Answer) is { Length: > 0 } answer ? JsonSerializer.Deserialize<JsonElement>(answer) : null, command.Code, command.Message,
        command.Actor, command.CreatedAt, command.ExpiresAt, command.SentAt, command.EndedAt);

    private static ProblemHttpResult? ProblemWith(GiveCommand request, string arguments, out CommandKind? kind)
    {
        kind = CommandCatalog.Find(request.Kind ?? "");
        return kind is null ? Problems.BadRequest("kind_unknown", $"kind must be one of {string.Join(", ", CommandCatalog.Names.Order(StringComparer.Ordinal))}.")
            : kind.ProblemWith(arguments) is { } problem ? Problems.BadRequest("arguments_invalid", problem)
            : request.TtlSeconds is < ShortestTtl or > LongestTtl ? Problems.BadRequest("ttl_invalid", $"ttlSeconds must be from {ShortestTtl} to {LongestTtl}.")
            : request.WaitSeconds is < 0 or > LongestWait ? Problems.BadRequest("wait_invalid", $"waitSeconds must be from 0 to {LongestWait}.")
            : null;
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("command_not_found", "There is no command with this id.");
}
