using System.Security.Claims;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Live;

/// <summary><c>/api/v2/devices</c>: which devices there are, and which are connected.</summary>
internal static class DevicesApi
{
    private const char Separator = '\u001f';

    public static void MapDevices(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Devices").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Devices, ListAsync);
        group.MapDelete(Routes.DeviceConnection, CloseAsync);
    }

    private static async Task<Results<Ok<Page<FleetDevice>>, ProblemHttpResult>> ListAsync(
        Fleet fleet, ClaimsPrincipal caller, string? user, bool? connected, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        if ((user + after).Contains('\0', StringComparison.Ordinal))
        {
            return Problems.BadRequest("filter_invalid", "user and after must not contain the character 0.");
        }

        var last = after?.Split(Separator);
        if (last is not (null or { Length: 2 }))
        {
            return Problems.BadRequest("after_invalid", "after must be the next of the page before.");
        }

        var found = await fleet.ListAsync(
            new FleetFilter(TenantScope.OfCaller(caller), user, connected, last is null ? null : (last[0], last[1]), count), cancellationToken);
        return TypedResults.Ok(Paging.Page(found, count, device => device, device => $"{device.Username}{Separator}{device.DeviceId}"));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> CloseAsync(
        string deviceId, string? user, ClaimsPrincipal caller, Fleet fleet, LiveDevices devices, LivePresence presence, CancellationToken cancellationToken)
    {
        var (member, problem) = await FindAsync(fleet, deviceId, user, caller, cancellationToken);
        if (member is null)
        {
            return problem!;
        }

        if (devices.Find(member.Key) is not { } device)
        {
            return NotConnected();
        }

        await presence.DismissAsync(device, Dropped(caller.Identity?.Name ?? ""));
        return TypedResults.NoContent();
    }

    public static LeaveOrder Dropped(string by) => new(LeaveReasons.Dropped, ReconnectAfterSeconds: 2, $"{by} has closed the connection; come back.");

    public static ProblemHttpResult NotConnected() => Problems.Conflict("device_not_connected", "The device is not connected to the server.");

    /// <summary>The device that a path names, or why it cannot be told.</summary>
    public static async Task<(FleetMember? Member, ProblemHttpResult? Problem)> FindAsync(
        Fleet fleet, string deviceId, string? user, ClaimsPrincipal caller, CancellationToken cancellationToken)
    {
        if ((deviceId + user).Contains('\0', StringComparison.Ordinal))
        {
            return (null, NotFound());
        }

        var found = await fleet.FindAsync(deviceId, user, TenantScope.OfCaller(caller), cancellationToken);
        return found.Count switch
        {
            0 => (null, NotFound()),
            1 => (found[0], null),
            _ => (null, Problems.Conflict("device_ambiguous", "Several accounts have a device with this id; say which account with ?user=.")),
        };
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("device_not_found", "There is no device with this id.");
}
