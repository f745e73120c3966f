using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Devices;

internal enum DeviceChangeResult
{
    Done,

    /// <summary>No such device, or no such account in the caller's tenant.</summary>
    NotFound,

    /// <summary>The account has as many devices as it may.</summary>
    TooMany,
    Refused,
}

/// <summary>What became of a change; the device as it is now when there was one, the reason for the person who asked when it was refused.</summary>
internal sealed record DeviceChange(DeviceChangeResult Result, DeviceConfig? Device = null, string? Reason = null)
{
    public static readonly DeviceChange NotFound = new(DeviceChangeResult.NotFound, Reason: "There is no such device.");
}

/// <summary>Devices come, get names, and go.</summary>
internal sealed class DeviceRegistration(IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, TimeProvider time)
{
    private const int LongestText = 100;
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    /// <summary>Registers a device, or takes note of what is new about one that is registered already.</summary>
    public async Task<DeviceChange> RegisterAsync(AccountIdentity account, string deviceId, DeviceConfig request, CancellationToken cancellationToken)
    {
        if (ProblemWith(deviceId, request) is { } problem)
        {
            return new DeviceChange(DeviceChangeResult.Refused, Reason: problem);
        }

        var scope = TenantScope.Of(account.OrganizationId);
        var known = (await profiles.FindAsync(account.Username, scope, cancellationToken))?.Profile.Devices.GetValueOrDefault(deviceId);
        if (known is not null && IsUpToDate(known, request))
        {
            await TouchAsync(account.Id, deviceId, cancellationToken);
            return new DeviceChange(DeviceChangeResult.Done, known);
        }

        var isFull = false;
        var change = await profiles.ChangeAsync(
            account.Username, scope, null, account.Username,
            profile =>
            {
                isFull = !profile.Devices.ContainsKey(deviceId) && profile.MaximumDevices > 0 && profile.Devices.Count >= profile.MaximumDevices;
                if (isFull)
                {
                    return $"The account has as many devices as it may have, {profile.MaximumDevices}; revoke one first.";
                }

                Note(profile.Devices, deviceId, request);
                return ProfileLimits.ProblemWith(profile);
            },
            cancellationToken);
        if (change.Result == ProfileChangeResult.Saved)
        {
            await TouchAsync(account.Id, deviceId, cancellationToken);
        }

        return isFull ? new DeviceChange(DeviceChangeResult.TooMany, Reason: change.Reason) : ToChange(change, deviceId);
    }

    public async Task<DeviceChange> RenameAsync(
        string username, TenantScope scope, string deviceId, string name, string actor, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > Device.LongestName || name.Any(char.IsControl))
        {
            return new DeviceChange(DeviceChangeResult.Refused, Reason: $"A name must have 1 to {Device.LongestName} characters.");
        }

        var change = await profiles.ChangeAsync(
            username, scope, null, actor,
            profile =>
            {
                if (!profile.Devices.TryGetValue(deviceId, out var device))
                {
                    return "";
                }

                device.FriendlyName = name;
                return null;
            },
            cancellationToken);
        return ToChange(change, deviceId);
    }

    /// <summary>
    /// Takes a device out of the account and ends its sessions. Its protected items and their schedules go with it, since nobody is left to run
    /// them; what they stored stays.
    /// </summary>
    public async Task<DeviceChange> RevokeAsync(string username, TenantScope scope, string deviceId, string actor, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            username, scope, null, actor,
            profile =>
            {
                if (!profile.Devices.Remove(deviceId))
                {
                    return "";
                }

                var items = profile.Sources.Where(source => source.Value.OwnerDevice == deviceId).Select(source => source.Key).ToHashSet();
                foreach (var id in items)
                {
                    profile.Sources.Remove(id);
                }

                foreach (var rule in profile.BackupRules.Where(rule => items.Contains(rule.Value.Source)).Select(rule => rule.Key).ToList())
                {
                    profile.BackupRules.Remove(rule);
                }

                return null;
            },
            cancellationToken);
        return change.Result == ProfileChangeResult.Refused ? DeviceChange.NotFound : ToChange(change, deviceId);
    }

    /// <summary>The rows of an account's devices by id.</summary>
    public async Task<IReadOnlyList<Device>> ListAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Device>().AsNoTracking().Where(device => device.AccountId == accountId)
            .OrderBy(device => device.DeviceId).ToListAsync(cancellationToken);
    }

    private async Task TouchAsync(Guid accountId, string deviceId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var before = now - Exactness;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Device>()
            .Where(device => device.AccountId == accountId && device.DeviceId == deviceId && (device.LastSeenAt == null || device.LastSeenAt < before))
            .ExecuteUpdateAsync(change => change.SetProperty(device => device.LastSeenAt, now), cancellationToken);
    }

    private static string? ProblemWith(string deviceId, DeviceConfig request) =>
        deviceId.Length is 0 or > Device.LongestId || deviceId.Any(char.IsControl) ? $"The id of a device must have 1 to {Device.LongestId} characters."
        : request.FriendlyName.Length > Device.LongestName || request.FriendlyName.Any(char.IsControl) ? $"The name of a device must have at most {Device.LongestName} characters."
        : request.ClientVersion.Length > LongestText || request.ClientVersion.Any(char.IsControl) ? $"The version of a client must have at most {LongestText} characters."
        : !ProfileLimits.IsTimeZone(request.DeviceTimezone) ? "The time zone of the device is not one such as Europe/Berlin."
        : null;

    private static void Note(Dictionary<string, DeviceConfig> devices, string id, DeviceConfig request)
    {
        if (!devices.TryGetValue(id, out var device))
        {
            devices[id] = device = new DeviceConfig { FriendlyName = request.FriendlyName.Length > 0 ? request.FriendlyName : id };
        }

        device.PlatformVersion = request.PlatformVersion ?? device.PlatformVersion;
        device.ClientVersion = request.ClientVersion.Length > 0 ? request.ClientVersion : device.ClientVersion;
        device.DeviceTimezone = request.DeviceTimezone.Length > 0 ? request.DeviceTimezone : device.DeviceTimezone;
    }

    private static bool IsUpToDate(DeviceConfig known, DeviceConfig request)
    {
        var noted = new Dictionary<string, DeviceConfig> { [""] = CometJson.Copy(known) };
        Note(noted, "", request);
        return CometJson.AreEqual(noted[""], known);
    }

    private static DeviceChange ToChange(ProfileChange change, string deviceId) => change switch
    {
        { Stored: { } stored } => new DeviceChange(DeviceChangeResult.Done, stored.Profile.Devices.GetValueOrDefault(deviceId)),
        { Result: ProfileChangeResult.Refused, Reason: { Length: > 0 } reason } => new DeviceChange(DeviceChangeResult.Refused, Reason: reason),
        { Result: ProfileChangeResult.Stale } => new DeviceChange(DeviceChangeResult.Refused, Reason: "The profile changes too often; try again."),
        _ => DeviceChange.NotFound,
    };
}
