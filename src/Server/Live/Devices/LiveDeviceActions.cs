using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Live.Presence;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Live.Devices;

/// <summary>Which devices to list.</summary>
/// <param name="Username">Only those of this account; null for all.</param>
/// <param name="Connected">Only connected or only offline devices; null for both.</param>
/// <param name="After">The <see cref="Page{T}.Next"/> of the page before; null for the first page.</param>
/// <param name="Text">Part of the name of the account or of the device, in any case; null for all.</param>
internal sealed record DeviceFilter(string? Username = null, bool? Connected = null, string? After = null, string? Text = null);

/// <summary>What operators do with registered devices and their live connections: list, show and drop them.</summary>
internal sealed class LiveDeviceActions(IDbContextFactory<ServerDbContext> databases, LiveDevices devices, LivePresence presence)
{
    private const char Separator = '\u001f';

    public static readonly Refusal NotFound = Refusal.NotFound("device_not_found", "There is no device with this id.");

    private static readonly Refusal Ambiguous = Refusal.Conflict(
        "device_ambiguous", "Several accounts have a device with this id; name the account with ?user=.");

    private static readonly Refusal NotConnected = Refusal.Conflict("device_not_connected", "The device is not connected to the server.");

    /// <summary>Lists devices in the order of their accounts and ids, at most <paramref name="count"/>.</summary>
    public async Task<Outcome<Page<DeviceStatus>>> ListAsync(
        Caller caller, DeviceFilter filter, int count, CancellationToken cancellationToken)
    {
        if ((filter.Username + filter.After).Contains('\0', StringComparison.Ordinal))
        {
            return Refusal.Invalid("filter_invalid", "user and after must not contain the character 0.");
        }

        if (filter.After?.Split(Separator) is { Length: not 2 })
        {
            return Refusal.Invalid("after_invalid", "after must be the next of the page before.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<DeviceStatus>();
        var after = filter.After;
        // When few of many devices are connected, only rows that may match are read.
        var connected = filter.Connected == true ? devices.List(caller.Scope).Select(device => device.Key.DeviceId).ToList() : null;
        while (found.Count <= count)
        {
            var all = Having(filter.Text, Rows(database, caller.Scope, filter.Username, after));
            all = connected is null ? all : all.Where(row => connected.Contains(row.Device.DeviceId));
            var rows = await all.Take(count + 1).ToListAsync(cancellationToken);
            var fitting = rows.Where(row =>
                filter.Connected is not { } wanted || wanted == (devices.Find(KeyOf(row)) is not null)).ToList();
            found.AddRange(await ToWireAsync(database, fitting, cancellationToken));
            if (rows.Count <= count)
            {
                break;
            }

            after = CursorOf(rows[^1].Username, rows[^1].Device.DeviceId);
        }

        return Paging.Page(found, count, device => device, device => CursorOf(device.Username, device.DeviceId));
    }

    /// <summary>Returns how many devices are registered and how many are connected.</summary>
    public async Task<(int Registered, int Connected)> CountAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await Rows(database, caller.Scope).CountAsync(cancellationToken), devices.List(caller.Scope).Count);
    }

    /// <summary>Returns the present state of a device.</summary>
    /// <param name="username">The account; null when the id is unique within what the caller may see.</param>
    public async Task<Outcome<DeviceStatus>> GetAsync(Caller caller, string deviceId, string? username, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await FindRowAsync(database, caller, deviceId, username, cancellationToken)).TryGet(out var row, out var refusal)
            ? (await ToWireAsync(database, [row], cancellationToken)).Single()
            : refusal;
    }

    /// <summary>Returns who owns a device, and refuses one that the caller may not see.</summary>
    public async Task<Outcome<RegisteredDevice>> FindAsync(
        Caller caller, string deviceId, string? username, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await FindRowAsync(database, caller, deviceId, username, cancellationToken)).TryGet(out var row, out var refusal)
            ? new RegisteredDevice(KeyOf(row), row.Username, row.OrganizationId)
            : refusal;
    }

    /// <summary>Closes the connection of a device, which reconnects by itself.</summary>
    public async Task<Refusal?> DropAsync(Caller caller, string deviceId, string? username, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, deviceId, username, cancellationToken)).TryGet(out var device, out var refusal))
        {
            return refusal;
        }

        if (devices.Find(device.Key) is not { } connected)
        {
            return NotConnected;
        }

        await DropAsync(connected, caller.Name);
        return null;
    }

    /// <summary>Closes the connection of a device that the caller may see.</summary>
    public Task DropAsync(LiveDevice device, string actor) => presence.DismissAsync(
        device, new LeaveOrder(LeaveReasons.Dropped, ReconnectAfterSeconds: 2, $"{actor} has closed the connection; reconnect."));

    /// <summary>Closes the connection of a device that the caller may see, until its program is started again.</summary>
    public Task EndProgramAsync(LiveDevice device, string actor) => presence.DismissAsync(
        device, new LeaveOrder(LeaveReasons.SentAway, ReconnectAfterSeconds: null, $"{actor} has ended the program on this device."));

    /// <summary>The connected devices of a scope.</summary>
    /// <param name="accountId">Only those of this account; null for all.</param>
    public IEnumerable<LiveDevice> ListConnected(TenantScope scope, Guid? accountId) =>
        devices.List(scope).Where(device => accountId is null || device.Key.AccountId == accountId);

    /// <summary>The connected device with this id of its connection, or null.</summary>
    /// <param name="accountId">Null for a device of any account.</param>
    public LiveDevice? FindConnected(Guid connectionId, TenantScope scope, Guid? accountId) =>
        devices.Find(connectionId, scope) is { } device && (accountId is null || device.Key.AccountId == accountId) ? device : null;

    private static string CursorOf(string username, string deviceId) => $"{username}{Separator}{deviceId}";

    private static LiveConnectionInfo ToWire(LiveDevice device) => new(
        device.Id, device.Hello.ClientVersion, device.Hello.Platform, device.Hello.TimeZone, device.Hello.AllowsFilenames, device.Address,
        device.Since.UtcDateTime, device.LastSeen.UtcDateTime,
        Math.Round(device.ClockAhead.TotalSeconds, 3), device.IsReconnecting, device.IsCloned);

    private static DeviceKey KeyOf(Row row) => new(row.Device.AccountId, row.Device.DeviceId);

    private static async Task<Outcome<Row>> FindRowAsync(
        ServerDbContext database, Caller caller, string deviceId, string? username, CancellationToken cancellationToken)
    {
        if ((deviceId + username).Contains('\0', StringComparison.Ordinal))
        {
            return NotFound;
        }

        // Clients make unique ids, so there is usually one.
        var rows = await Rows(database, caller.Scope, username).Where(row => row.Device.DeviceId == deviceId).Take(2)
            .ToListAsync(cancellationToken);
        return rows.Count switch
        {
            0 => NotFound,
            1 => rows[0],
            _ => Ambiguous,
        };
    }

    private static IQueryable<Row> Rows(ServerDbContext database, TenantScope scope, string? username = null, string? after = null)
    {
        var accounts = database.Set<Account>().AsNoTracking();
        accounts = scope.OrganizationId is { } organization ? accounts.Where(account => account.OrganizationId == organization) : accounts;
        accounts = username is null ? accounts : accounts.Where(account => account.Username == username);
        var rows = database.Set<Device>().AsNoTracking().Join(
            accounts, device => device.AccountId, account => account.Id,
            (device, account) => new Row { Device = device, Username = account.Username, OrganizationId = account.OrganizationId });
        if (after?.Split(Separator) is [var user, var id])
        {
            rows = rows.Where(row => row.Username.CompareTo(user) > 0 || (row.Username == user && row.Device.DeviceId.CompareTo(id) > 0));
        }

        return rows.OrderBy(row => row.Username).ThenBy(row => row.Device.DeviceId);
    }

    private static IQueryable<Row> Having(string? text, IQueryable<Row> rows)
    {
        if (text is null)
        {
            return rows;
        }

        var folded = text.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL
        return rows.Where(row => row.Username.ToLower().Contains(folded) || row.Device.FriendlyName.ToLower().Contains(folded));
#pragma warning restore CA1304, CA1311, CA1862
    }

    private async Task<IEnumerable<DeviceStatus>> ToWireAsync(ServerDbContext database, List<Row> rows, CancellationToken cancellationToken)
    {
        var accounts = rows.Select(row => row.Device.AccountId).Distinct().ToList();
        var running = await database.Set<BackupJob>().AsNoTracking().Where(job => job.EndTime == 0 && accounts.Contains(job.AccountId))
            .ToListAsync(cancellationToken);
        var jobs = running.ToLookup(job => new DeviceKey(job.AccountId, job.DeviceId));
        var drills = await DrillStore.FindLastAsync(database, accounts, cancellationToken);
        return rows.Select(row => ToWire(
            row, devices.Find(KeyOf(row)), jobs[KeyOf(row)], drills.GetValueOrDefault((row.Device.AccountId, row.Device.DeviceId))));
    }

    private static DeviceStatus ToWire(Row row, LiveDevice? device, IEnumerable<BackupJob> jobs, RestoreDrillStatus? drill) => new(
        row.Username, row.OrganizationId, row.Device.DeviceId, row.Device.FriendlyName, row.Device.ClientVersion, PlatformOf(row, device),
        row.Device.TimeZone, row.Device.RegisteredAt, row.Device.LastSeenAt, device is null ? null : ToWire(device),
        [.. jobs.Select(ToWire)], drill);

    // What the connected device reports is newer than what it reported when it signed in.
    private static OSInfo PlatformOf(Row row, LiveDevice? device) =>
        (device?.Hello.PlatformVersion is { Length: > 0 } reported ? HelloRules.ReadPlatform(reported) : null)
        ?? JsonSerializer.Deserialize<OSInfo>(row.Device.Platform, CometJson.Options) ?? new OSInfo();

    private static RunningJob ToWire(BackupJob job)
    {
        var progress = JobDocument.Read(job.Document).Progress;
        return new RunningJob(
            job.Id, (int)job.Classification, DateTimeOffset.FromUnixTimeSeconds(job.StartTime).UtcDateTime, progress.BytesDone,
            progress.ItemsDone, progress.ItemsTotal);
    }

    private sealed class Row
    {
        public required Device Device { get; init; }

        public required string Username { get; init; }

        public required string OrganizationId { get; init; }
    }
}
