using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Devices;

/// <summary>Keeps the rows of an account's devices in step with the map in its profile.</summary>
internal sealed class DeviceRows : ProfilePart
{
    private static readonly JsonSerializerOptions EventJson = new(CometJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public override async Task<string?> SaveAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken)
    {
        var account = save.Account;
        var rows = await database.Set<Device>().AsTracking().Where(device => device.AccountId == account.Id)
            .ToDictionaryAsync(device => device.DeviceId, StringComparer.Ordinal, cancellationToken);
        foreach (var (id, config) in save.Profile.Devices)
        {
            if (!rows.TryGetValue(id, out var row))
            {
                config.RegistrationTime = config.RegistrationTime == 0 ? save.Now.ToUnixTimeSeconds() : config.RegistrationTime;
                row = new Device { AccountId = account.Id, DeviceId = id, RegisteredAt = save.Now.UtcDateTime };
                database.Add(row);
                database.Add(EventOf(StreamableEventType.DeviceNew, save, id, config));
            }

            row.FriendlyName = config.FriendlyName;
            row.Platform = JsonSerializer.Serialize(config.PlatformVersion, CometJson.Options);
            row.ClientVersion = config.ClientVersion;
            row.TimeZone = config.DeviceTimezone;
        }

        foreach (var row in rows.Values.Where(row => !save.Profile.Devices.ContainsKey(row.DeviceId)))
        {
            database.Remove(row);
            database.Add(EventOf(StreamableEventType.DeviceRemoved, save, row.DeviceId, device: null));
            var sessions = await database.Set<AccountSession>().AsTracking()
                .Where(session => session.OwnerId == account.Id && session.DeviceId == row.DeviceId).ToListAsync(cancellationToken);
            database.RemoveRange(sessions);
        }

        return null;
    }

    private static EventRecord EventOf(StreamableEventType type, ProfileSave save, string deviceId, DeviceConfig? device) => EventRecord.Of(
        type, save.Now, save.Actor, save.Account.OrganizationId, deviceId,
        JsonSerializer.Serialize(
            new
            {
                save.Account.Username,
                device?.FriendlyName,
                device?.PlatformVersion,
            },
            EventJson));
}
