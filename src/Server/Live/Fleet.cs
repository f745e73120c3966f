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
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Live;

/// <summary>A device of an account as it is registered.</summary>
internal sealed record FleetMember(DeviceKey Key, string Username, string OrganizationId);

/// <summary>Which devices to show.</summary>
/// <param name="Scope">What the caller may see.</param>
/// <param name="Username">Only those of this account; null for all.</param>
/// <param name="Connected">Only those that are connected, or only those that are not; null for both.</param>
/// <param name="After">The last one of the page before; null for the first page.</param>
/// <param name="Count">Entries of a page.</param>
/// <param name="Text">Part of the name of the account or of the device, in any case; null for all.</param>
internal sealed record FleetFilter(
    TenantScope Scope, string? Username, bool? Connected, (string Username, string DeviceId)? After, int Count, string? Text = null);

/// <summary>All registered devices, with what is known of them at this moment.</summary>
internal sealed class Fleet(IDbContextFactory<ServerDbContext> databases, LiveDevices devices)
{
    /// <summary>The devices in the order of their accounts and ids, at most one more than asked for.</summary>
    public async Task<List<FleetDevice>> ListAsync(FleetFilter filter, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<FleetDevice>();
        var after = filter.After;
        // Of a large fleet that is offline, only the few that can be meant are looked at.
        var connected = filter.Connected == true ? devices.List(filter.Scope).Select(device => device.Key.DeviceId).ToList() : null;
        while (found.Count <= filter.Count)
        {
            var all = Having(filter.Text, Rows(database, filter.Scope, filter.Username, after));
            var rows = await (connected is null ? all : all.Where(row => connected.Contains(row.Device.DeviceId))).Take(filter.Count + 1).ToListAsync(cancellationToken);
            var fitting = rows.Where(row => filter.Connected is not { } wanted || wanted == (devices.Find(KeyOf(row)) is not null)).ToList();
            found.AddRange(await ToWireAsync(database, fitting, cancellationToken));
            if (rows.Count <= filter.Count)
            {
                break;
            }

            after = (rows[^1].Username, rows[^1].Device.DeviceId);
        }

        return found;
    }

    /// <summary>The devices with this id that the caller may see: usually one, since clients make ids that are unique.</summary>
    public async Task<List<FleetMember>> FindAsync(string deviceId, string? username, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await Rows(database, scope, username, after: null).Where(row => row.Device.DeviceId == deviceId).Take(2).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new FleetMember(KeyOf(row), row.Username, row.OrganizationId))];
    }

    /// <summary>How many devices are registered.</summary>
    public async Task<int> CountAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Rows(database, scope, username: null, after: null).CountAsync(cancellationToken);
    }

    /// <summary>What is known of a device at this moment; null when it is no longer registered.</summary>
    public async Task<FleetDevice?> ShowAsync(FleetMember member, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await Rows(database, TenantScope.Everything, member.Username, after: null).Where(row => row.Device.DeviceId == member.Key.DeviceId)
            .ToListAsync(cancellationToken);
        return (await ToWireAsync(database, rows, cancellationToken)).SingleOrDefault();
    }

    public static LiveConnectionInfo ToWire(LiveDevice device) => new(
        device.Id, device.Hello.ClientVersion, device.Hello.Platform, device.Hello.TimeZone, device.Hello.AllowsFilenames, device.Address,
        device.Since.UtcDateTime, device.LastSeen.UtcDateTime, Math.Round(device.ClockAhead.TotalSeconds, 3), device.IsReconnecting, device.IsCloned);

    private static DeviceKey KeyOf(Row row) => new(row.Device.AccountId, row.Device.DeviceId);

    private static IQueryable<Row> Rows(ServerDbContext database, TenantScope scope, string? username, (string Username, string DeviceId)? after)
    {
        var accounts = database.Set<Account>().AsNoTracking();
        accounts = scope.OrganizationId is { } organization ? accounts.Where(account => account.OrganizationId == organization) : accounts;
        accounts = username is null ? accounts : accounts.Where(account => account.Username == username);
        var rows = database.Set<Device>().AsNoTracking().Join(
            accounts, device => device.AccountId, account => account.Id,
            (device, account) => new Row { Device = device, Username = account.Username, OrganizationId = account.OrganizationId });
        if (after is var (user, id))
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

    private async Task<IEnumerable<FleetDevice>> ToWireAsync(ServerDbContext database, List<Row> rows, CancellationToken cancellationToken)
    {
        var accounts = rows.Select(row => row.Device.AccountId).Distinct().ToList();
        var running = await database.Set<BackupJob>().AsNoTracking().Where(job => job.EndTime == 0 && accounts.Contains(job.AccountId)).ToListAsync(cancellationToken);
        var jobs = running.ToLookup(job => new DeviceKey(job.AccountId, job.DeviceId));
        return rows.Select(row => ToWire(row, devices.Find(KeyOf(row)), jobs[KeyOf(row)]));
    }

    private static FleetDevice ToWire(Row row, LiveDevice? device, IEnumerable<BackupJob> jobs) => new(
        row.Username, row.OrganizationId, row.Device.DeviceId, row.Device.FriendlyName, row.Device.ClientVersion, PlatformOf(row, device), row.Device.TimeZone,
        row.Device.RegisteredAt, row.Device.LastSeenAt, device is null ? null : ToWire(device), [.. jobs.Select(ToWire)]);

    // What it says now counts more than what it said when it signed in.
    private static OSInfo PlatformOf(Row row, LiveDevice? device) =>
        (device?.Hello.PlatformVersion is { Length: > 0 } told ? PlatformVersions.Read(told) : null)
        ?? JsonSerializer.Deserialize<OSInfo>(row.Device.Platform, CometJson.Options) ?? new OSInfo();

    private static RunningJob ToWire(BackupJob job)
    {
        var progress = JobDocument.Read(job.Document).Progress;
        return new RunningJob(
            job.Id, (int)job.Classification, DateTimeOffset.FromUnixTimeSeconds(job.StartTime).UtcDateTime, progress?.BytesDone ?? 0, progress?.ItemsDone ?? 0,
            progress?.ItemsTotal ?? 0);
    }

    private sealed class Row
    {
        public required Device Device { get; init; }

        public required string Username { get; init; }

        public required string OrganizationId { get; init; }
    }
}
