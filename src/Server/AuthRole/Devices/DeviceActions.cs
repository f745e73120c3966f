using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Devices;

/// <summary>Operations on devices: list, register, rename, revoke.</summary>
internal sealed class DeviceActions(IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, TimeProvider time)
{
    private const int LongestText = 100;

    // Precision of LastSeenAt: a device that signs in with every call must not cause a write with every call.
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);
    private static readonly Refusal NotFound = Refusal.NotFound("device_not_found", "The account has no device with this id.");

    public async Task<Outcome<Page<DeviceInfo>>> ListAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.FindIdAsync(caller, cancellationToken) is not { } accountId)
        {
            return AccountRefusals.NotFound;
        }

        var devices = await database.Set<Device>().AsNoTracking().Where(device => device.AccountId == accountId)
            .OrderBy(device => device.DeviceId).ToListAsync(cancellationToken);
        return new Page<DeviceInfo>(devices.ConvertAll(device => device.ToWire()), Next: null);
    }

    /// <summary>Registers a device, or updates a registered one.</summary>
    public async Task<Refusal?> RegisterAsync(AccountIdentity user, RegisterDevice request, CancellationToken cancellationToken)
    {
        var (id, device) = (request.Id ?? "", ConfigOf(request));
        if (ProblemWith(id, device) is { } problem)
        {
            return Invalid(problem);
        }

        var caller = new AccountCaller(user);
        var known = (await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken))?.Profile.Devices.GetValueOrDefault(id);
        if (known is null || !IsUpToDate(known, device))
        {
            var change = await profiles.ChangeAsync(caller, requiredHash: null, (_, profile) => Register(profile, id, device),
                cancellationToken);
            if (change.Refusal is { } refusal)
            {
                return InWordsOfDevices(refusal);
            }
        }

        await TouchAsync(user.Id, id, cancellationToken);
        return null;
    }

    /// <summary>True when a device has been registered since a time, without a break.</summary>
    public async Task<bool> IsRegisteredSinceAsync(Guid accountId, string deviceId, DateTime at, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Device>().AnyAsync(
            device => device.AccountId == accountId && device.DeviceId == deviceId && device.RegisteredAt <= at, cancellationToken);
    }

    /// <summary>True if the account has a device with this id.</summary>
    public async Task<bool> IsRegisteredAsync(Guid accountId, string deviceId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Device>().AnyAsync(
            device => device.AccountId == accountId && device.DeviceId == deviceId, cancellationToken);
    }

    public async Task<Refusal?> RenameAsync(AccountCaller caller, string deviceId, string name, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > Device.LongestName || name.Any(char.IsControl))
        {
            return Invalid($"A name must have 1 to {Device.LongestName} characters.");
        }

        var change = await profiles.ChangeAsync(
            caller,
            requiredHash: null,
            (_, profile) =>
            {
                if (!profile.Devices.TryGetValue(deviceId, out var device))
                {
                    return NotFound;
                }

                device.FriendlyName = name;
                return null;
            },
            cancellationToken);
        return InWordsOfDevices(change.Refusal);
    }

    /// <summary>
    /// Removes a device from the account and ends its sessions. Its protected items and their schedules are removed with it, because no
    /// other device runs them; the data that they stored stays.
    /// </summary>
    public async Task<Refusal?> RevokeAsync(AccountCaller caller, string deviceId, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            caller,
            requiredHash: null,
            (_, profile) =>
            {
                if (!profile.Devices.Remove(deviceId))
                {
                    return NotFound;
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
        return InWordsOfDevices(change.Refusal);
    }

    private static Refusal? Register(UserProfileConfig profile, string id, DeviceConfig device)
    {
        if (!profile.Devices.ContainsKey(id) && profile.MaximumDevices > 0 && profile.Devices.Count >= profile.MaximumDevices)
        {
            return Refusal.Conflict(
                "too_many_devices", $"The account already has its maximum of {profile.MaximumDevices} devices; revoke one first.");
        }

        Update(profile.Devices, id, device);
        return ProfileLimits.ProblemWith(profile) is { } problem ? Invalid(problem) : null;
    }

    private async Task TouchAsync(Guid accountId, string deviceId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var before = now - Precision;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Device>()
            .Where(device => device.AccountId == accountId && device.DeviceId == deviceId
                && (device.LastSeenAt == null || device.LastSeenAt < before))
            .ExecuteUpdateAsync(change => change.SetProperty(device => device.LastSeenAt, now), cancellationToken);
    }

    private static DeviceConfig ConfigOf(RegisterDevice request) => new()
    {
        FriendlyName = request.Name ?? "",
        PlatformVersion = request.Platform ?? new OSInfo(),
        ClientVersion = request.ClientVersion ?? "",
        DeviceTimezone = request.TimeZone ?? "",
    };

    private static string? ProblemWith(string deviceId, DeviceConfig request) =>
        deviceId.Length is 0 or > Device.LongestId || deviceId.Any(char.IsControl)
            ? $"The id of a device must have 1 to {Device.LongestId} characters."
        : request.FriendlyName.Length > Device.LongestName || request.FriendlyName.Any(char.IsControl)
            ? $"The name of a device must have at most {Device.LongestName} characters."
        : request.ClientVersion.Length > LongestText || request.ClientVersion.Any(char.IsControl)
            ? $"The version of a client must have at most {LongestText} characters."
        : !ProfileLimits.IsTimeZone(request.DeviceTimezone) ? "The time zone of the device must be one such as Europe/Berlin."
        : null;

    private static void Update(Dictionary<string, DeviceConfig> devices, string id, DeviceConfig request)
    {
        if (!devices.TryGetValue(id, out var device))
        {
            devices[id] = device = new DeviceConfig { FriendlyName = request.FriendlyName.Length > 0 ? request.FriendlyName : id };
        }

        device.PlatformVersion = CometJson.IsEmpty(request.PlatformVersion) ? device.PlatformVersion : request.PlatformVersion;
        device.ClientVersion = request.ClientVersion.Length > 0 ? request.ClientVersion : device.ClientVersion;
        device.DeviceTimezone = request.DeviceTimezone.Length > 0 ? request.DeviceTimezone : device.DeviceTimezone;
    }

    private static bool IsUpToDate(DeviceConfig known, DeviceConfig request)
    {
        var updated = new Dictionary<string, DeviceConfig> { [""] = CometJson.Copy(known) };
        Update(updated, "", request);
        return CometJson.AreEqual(updated[""], known);
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("device_invalid", reason);

    private static Refusal? InWordsOfDevices(Refusal? refusal) =>
        refusal == AccountRefusals.Stale ? Invalid("The profile changes too often; try again.")
        : refusal;
}
