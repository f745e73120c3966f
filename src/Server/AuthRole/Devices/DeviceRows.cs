using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Devices;

/// <summary>Keeps the rows of an account's devices in step with the map in its profile, in the save of the profile.</summary>
internal static class DeviceRows
{
    private static readonly JsonSerializerOptions EventJson = new(CometJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static async Task FollowAsync(
        ServerDbContext database, Account account, UserProfileConfig profile, string actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.Set<Device>().AsTracking().Where(device => device.AccountId == account.Id)
            .ToDictionaryAsync(device => device.DeviceId, StringComparer.Ordinal, cancellationToken);
        foreach (var (id, config) in profile.Devices)
        {
            if (!rows.TryGetValue(id, out var row))
            {
                config.RegistrationTime = config.RegistrationTime == 0 ? now.ToUnixTimeSeconds() : config.RegistrationTime;
                row = new Device { AccountId = account.Id, DeviceId = id, RegisteredAt = now.UtcDateTime };
                database.Add(row);
                database.Add(EventRecord.Of(StreamableEventType.DeviceNew, now, actor, account.OrganizationId, id, DataOf(account, config)));
            }

            row.FriendlyName = config.FriendlyName;
            row.Platform = JsonSerializer.Serialize(config.PlatformVersion ?? new OSInfo(), CometJson.Options);
            row.ClientVersion = config.ClientVersion;
            row.TimeZone = config.DeviceTimezone;
        }

        foreach (var row in rows.Values.Where(row => !profile.Devices.ContainsKey(row.DeviceId)))
        {
            database.Remove(row);
            database.Add(EventRecord.Of(StreamableEventType.DeviceRemoved, now, actor, account.OrganizationId, row.DeviceId, DataOf(account, null)));
            var sessions = await database.Set<AccountSession>().AsTracking()
                .Where(session => session.AccountId == account.Id && session.DeviceId == row.DeviceId).ToListAsync(cancellationToken);
            database.RemoveRange(sessions);
        }
    }

    private static string DataOf(Account account, DeviceConfig? device) => JsonSerializer.Serialize(
        new { account.Username, device?.FriendlyName, PlatformVersion = device is null ? null : device.PlatformVersion ?? new OSInfo() }, EventJson);
}
