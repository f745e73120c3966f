using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Devices;

/// <summary>Devices as <c>/api/v2</c> shows and takes them.</summary>
internal static class DevicesOnWire
{
    public static DeviceInfo ToWire(this Device device) => new(
        device.DeviceId, device.FriendlyName, JsonSerializer.Deserialize<OSInfo>(device.Platform, CometJson.Options) ?? new OSInfo(), device.ClientVersion,
        device.TimeZone, device.RegisteredAt, device.LastSeenAt);

    public static DeviceConfig ToConfig(RegisterDevice request) => new()
    {
        FriendlyName = request.Name ?? "",
        PlatformVersion = request.Platform,
        ClientVersion = request.ClientVersion ?? "",
        DeviceTimezone = request.TimeZone ?? "",
    };

    public static ProblemHttpResult Refuse(DeviceChange change) => change.Result switch
    {
        DeviceChangeResult.NotFound => Problems.NotFound("device_not_found", "The account has no device with this id."),
        DeviceChangeResult.TooMany => Problems.Conflict("too_many_devices", change.Reason!),
        _ => Problems.BadRequest("device_invalid", change.Reason!),
    };
}
