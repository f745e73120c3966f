using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls to devices that are connected: each is given to the device and waits for its answer.</summary>
internal sealed class DispatcherCalls(
    LiveDevices devices, LivePresence presence, DeviceCalls calls, OrganizationDirectory organizations)
{
    private const string TargetId = "TargetID";
    private const string Destination = "Destination";
    private const string DestinationId = "DestinationID";
    private const string Source = "Source";
    private const string SnapshotId = "SnapshotID";
    private static readonly CometApiResponseMessage UnknownTarget = new(403, "There is no connected device with this TargetID; list-active has those of this moment");

    private delegate Task<object> Handler(DispatcherCalls api, CometCall call, LiveDevice device);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<DispatcherCalls>("dispatcher/list-active", (api, call) => Task.FromResult<object>(api.List(call)));
        endpoints.MapCometUser<DispatcherCalls>("dispatcher/list-active", (api, call) => Task.FromResult<object>(api.List(call)));
        endpoints.MapCometAdmin<DispatcherCalls>("dispatcher/get-default-login-url", (api, call) => Task.FromResult<object>(api.LoginAddress(call)));
        MapRunning(endpoints);
        MapLooking(endpoints);
        MapCaring(endpoints);
    }

    private static void MapRunning(IEndpointRouteBuilder endpoints)
    {
        Both(endpoints, "run-backup", (api, call, device) => Need(call, "BackupRule") ?? api.StartAsync(
            call, device, CommandKinds.RunRule, new RunRuleArguments(call.Form.Text("BackupRule"))));
        Both(endpoints, "run-backup-custom", (api, call, device) => Need(call, Source, Destination) ?? api.RunBackupAsync(call, device));
        Both(endpoints, "run-restore", (api, call, device) => Need(call, "Path", Source, Destination) ?? api.RunRestoreAsync(
            call, device, new RestoreJobAdvancedOptions { DestPath = call.Form.Text("Path") }));
        Both(endpoints, "run-restore-custom", (api, call, device) => Need(call, Source, Destination, "Options") ?? api.RunRestoreAsync(call, device, options: null));
    }

    private static void MapLooking(IEndpointRouteBuilder endpoints)
    {
        Both(endpoints, "request-vault-snapshots", (api, call, device) => Need(call, Destination) ?? api.AskAsync<List<VaultSnapshot>>(
            call, device, CommandKinds.ListSnapshots, new VaultArguments(call.Form.Text(Destination)),
            found => new DispatcherVaultSnapshotsResponse { Snapshots = found }));
        Both(endpoints, "request-stored-objects", (api, call, device) => Need(call, Destination, SnapshotId) ?? api.AskAsync<List<StoredObject>>(
            call, device, CommandKinds.ListStored,
            new ListStoredArguments(call.Form.Text(Destination), call.Form.Text(SnapshotId), call.Form.Text("TreeID")), ToAnswer));
        Both(endpoints, "search-snapshots", (api, call, device) => Need(call, DestinationId, "SnapshotIDs", "Filter") ?? api.SearchAsync(call, device));
        Handler browse = (api, call, device) => api.AskAsync<List<StoredObject>>(
            call, device, CommandKinds.BrowseFiles, new BrowseArguments(call.Form.Text("Path")), ToAnswer);
        Admin(endpoints, "request-filesystem-objects", browse);
        endpoints.MapCometUser<DispatcherCalls>("request-filesystem-objects", (api, call) => api.WithDeviceAsync(call, browse));
        Admin(endpoints, "request-import-sources", (api, call, device) => api.AskAsync<Dictionary<string, string>>(
            call, device, CommandKinds.ListImportSources, new NoArguments(), found => new DispatcherAdminSourcesResponse { ImportSources = found }));
        Both(endpoints, "ping-destination", (api, call, device) => api.PingAsync(call, device));
        Both(endpoints, "test-smb-auth", (api, call, device) => api.TestShareAsync(call, device));
    }

    private static void MapCaring(IEndpointRouteBuilder endpoints)
    {
        Admin(endpoints, "apply-retention-rules", OnVault(CommandKinds.ApplyRetention));
        Admin(endpoints, "reindex-storage-vault", OnVault(CommandKinds.ReindexVault));
        Admin(endpoints, "deepverify-storage-vault", OnVault(CommandKinds.VerifyVault));
        Admin(endpoints, "unlock", (api, call, device) => Need(call, Destination) ?? api.UnlockAsync(call, device));
        Both(endpoints, "delete-snapshot", (api, call, device) => Need(call, DestinationId, SnapshotId) ?? api.DoAsync(
            call, device, CommandKinds.DeleteSnapshots, new SnapshotsArguments(call.Form.Text(DestinationId), [call.Form.Text(SnapshotId)])));
        Both(endpoints, "delete-snapshots", (api, call, device) => Need(call, DestinationId, "SnapshotIDs") ?? api.DeleteSnapshotsAsync(call, device));
        Admin(endpoints, "import-apply", (api, call, device) => Need(call, "ImportSourceID") ?? api.DoAsync(
            call, device, CommandKinds.ApplyImport, new ImportArguments(call.Form.Text("ImportSourceID"))));
        Admin(endpoints, "refetch-profile", (api, call, device) => api.DoAsync(call, device, CommandKinds.RefetchProfile, new NoArguments()));
        Admin(endpoints, "update-software", (api, call, device) => api.DoAsync(
            call, device, CommandKinds.UpdateSoftware, new UpdateSoftwareArguments(call.Form.Text("SelfAddress"))));
        Admin(endpoints, "uninstall-software", (api, call, device) => api.UninstallAsync(call, device));
        Admin(endpoints, "update-login-url", (api, call, device) => api.UpdateLoginAddressAsync(call, device));
        Both(endpoints, "update-login-password", (api, call, device) => Need(call, "NewPassword") ?? api.DoAsync(
            call, device, CommandKinds.UpdateLoginPassword, new LoginPasswordArguments(call.Form.Text("NewPassword"))));
        Admin(endpoints, "force-login", (api, call, device) => api.DoAsync(call, device, CommandKinds.ForceLogin, new NoArguments()));
        Both(endpoints, "drop-connection", (api, call, device) => api.DismissAsync(device, DevicesApi.Dropped(call.CallerName)));
        Admin(endpoints, "kill-process", (api, call, device) => api.DismissAsync(
            device, new LeaveOrder(LeaveReasons.SentAway, ReconnectAfterSeconds: null, $"{call.CallerName} has ended the program on this device.")));
    }

    private static Handler OnVault(string kind) => (api, call, device) =>
        Need(call, Destination) ?? api.DoAsync(call, device, kind, new VaultArguments(call.Form.Text(Destination)));

    private static void Admin(IEndpointRouteBuilder endpoints, string name, Handler handler) =>
        endpoints.MapCometAdmin<DispatcherCalls>($"dispatcher/{name}", (api, call) => api.WithDeviceAsync(call, handler));

    private static void Both(IEndpointRouteBuilder endpoints, string name, Handler handler)
    {
        Admin(endpoints, name, handler);
        endpoints.MapCometUser<DispatcherCalls>($"dispatcher/{name}", (api, call) => api.WithDeviceAsync(call, handler));
    }

    // Null when all are given; otherwise the answer that names the one that is missing.
    private static Task<object>? Need(CometCall call, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (call.Form.Text(field).Length == 0)
            {
                return Task.FromResult<object>(CometErrors.BadField(field, "is missing"));
            }
        }

        return null;
    }

    private Dictionary<string, LiveUserConnection> List(CometCall call)
    {
        var scope = call.IsUser ? TenantScope.Of(call.Account.OrganizationId) : call.Scope;
        var filter = call.IsUser ? call.Account.Username : call.Form.Text("UserNameFilter");
        return devices.List(scope).Where(device => filter.Length == 0 || device.Username == filter)
            .ToDictionary(device => device.Id.ToString(), ToWire);
    }

    private async Task<object> WithDeviceAsync(CometCall call, Handler handler)
    {
        var scope = call.IsUser ? TenantScope.Of(call.Account.OrganizationId) : call.Scope;
        return Guid.TryParse(call.Form.Text(TargetId), out var id) && devices.Find(id, scope) is { } device
            && (!call.IsUser || device.Key.AccountId == call.Account.Id)
            ? await handler(this, call, device)
            : UnknownTarget;
    }

    private async Task<object> DismissAsync(LiveDevice device, LeaveOrder order)
    {
        await presence.DismissAsync(device, order);
        return CometApiResponseMessage.Ok;
    }

    private static LiveUserConnection ToWire(LiveDevice device) => new()
    {
        Username = device.Username,
        DeviceID = device.Key.DeviceId,
        ReportedVersion = device.Hello.ClientVersion,
        ReportedPlatform = device.Hello.Platform,
        ReportedPlatformVersion = device.Hello.PlatformVersion.Length > 0 ? PlatformVersions.Read(device.Hello.PlatformVersion) : null,
        DeviceTimeZone = device.Hello.TimeZone,
        IPAddress = device.Address,
        ConnectionTime = device.Since.ToUnixTimeSeconds(),
        AllowsFilenames = device.Hello.AllowsFilenames,
    };

    private static DispatcherStoredObjectsResponse ToAnswer(List<StoredObject> found) => new() { StoredObjects = found };

    private async Task<object> RunBackupAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<BackupJobAdvancedOptions>("Options", out var options)
            ? await StartAsync(call, device, CommandKinds.RunBackup, new RunBackupArguments(call.Form.Text(Source), call.Form.Text(Destination), options))
            : CometErrors.BadField("Options", "must be the options of a backup as JSON");

    private async Task<object> RunRestoreAsync(CometCall call, LiveDevice device, RestoreJobAdvancedOptions? options)
    {
        if (options is null && (!call.Form.TryJson("Options", out options) || options is null))
        {
            return CometErrors.BadField("Options", "must be the options of a restore as JSON");
        }

        if (!call.Form.TryJson<List<string>>("Paths", out var paths))
        {
            return CometErrors.BadField("Paths", "must be an array of paths as JSON");
        }

        if (!TryCount(call, "KnownFileCount", out var files) || !TryCount(call, "KnownByteCount", out var bytes) || !TryCount(call, "KnownDirCount", out var folders))
        {
            return CometErrors.BadRequest("Parameters KnownFileCount, KnownByteCount and KnownDirCount must be numbers, not below 0");
        }

        return await StartAsync(call, device, CommandKinds.RunRestore, new RunRestoreArguments(
            call.Form.Text(Source), call.Form.Text(Destination), options, call.Form.Text("Snapshot"), paths, files, bytes, folders));
    }

    // Where a device of the tenant should sign in: at its first own host, or where this call came in.
    private object LoginAddress(CometCall call)
    {
        var id = call.Form.Text("OrganizationID");
        if (!call.Scope.Contains(id) || !organizations.Exists(id))
        {
            return CometErrors.BadField("OrganizationID", "is not one of an organization");
        }

        var host = organizations.Find(id)?.Hosts.FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal));
        return new OrganizationLoginURLResponse { LoginURL = host is null ? call.Address : $"{call.Context.Request.Scheme}://{host}/" };
    }

    private async Task<object> SearchAsync(CometCall call, LiveDevice device)
    {
        if (!call.Form.TryJson<List<string>>("SnapshotIDs", out var snapshots) || snapshots is not { Count: > 0 })
        {
            return CometErrors.BadField("SnapshotIDs", "must be an array of at least one id as JSON");
        }

        return call.Form.TryJson<SearchClause>("Filter", out var filter) && filter is not null
            ? await AskAsync<Dictionary<string, List<SearchResultFileInfo>>>(
                call, device, CommandKinds.SearchSnapshots, new SearchSnapshotsArguments(call.Form.Text(DestinationId), snapshots, filter),
                found => new SearchSnapshotsResponse { SnapshotFiles = found })
            : CometErrors.BadField("Filter", "must be a search clause as JSON");
    }

    private async Task<object> DeleteSnapshotsAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<List<string>>("SnapshotIDs", out var snapshots) && snapshots is { Count: > 0 }
            ? await DoAsync(call, device, CommandKinds.DeleteSnapshots, new SnapshotsArguments(call.Form.Text(DestinationId), snapshots))
            : CometErrors.BadField("SnapshotIDs", "must be an array of at least one id as JSON");

    private async Task<object> PingAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<DestinationLocation>("ExtraData", out var location) && location is not null
            ? await DoAsync(call, device, CommandKinds.PingDestination, new DestinationArguments(location))
            : CometErrors.BadField("ExtraData", "must be a destination as JSON");

    private async Task<object> TestShareAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<WinSMBAuth>("Wsa", out var share) && share is not null
            ? await DoAsync(call, device, CommandKinds.TestShare, new TestShareArguments(share))
            : CometErrors.BadField("Wsa", "must be a network share as JSON");

    private async Task<object> UnlockAsync(CometCall call, LiveDevice device) =>
        call.Form.TryBoolean("AllowUnsafe", absent: false, out var isUnsafe)
            ? await DoAsync(call, device, CommandKinds.UnlockVault, new UnlockArguments(call.Form.Text(Destination), isUnsafe))
            : CometErrors.BadField("AllowUnsafe", "must be 1 or 0");

    private async Task<object> UninstallAsync(CometCall call, LiveDevice device) =>
        call.Form.Text("RemoveConfigFile").Length > 0 && call.Form.TryBoolean("RemoveConfigFile", absent: false, out var all)
            ? await DoAsync(call, device, CommandKinds.UninstallSoftware, new UninstallArguments(all))
            : CometErrors.BadField("RemoveConfigFile", "must be 1 or 0");

    private async Task<object> UpdateLoginAddressAsync(CometCall call, LiveDevice device)
    {
        if (!Uri.TryCreate(call.Form.Text("NewURL"), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return CometErrors.BadField("NewURL", "must be the address of a server, such as https://backup.example.com/");
        }

        return call.Form.TryBoolean("Force", absent: false, out var isForced)
            ? await DoAsync(call, device, CommandKinds.UpdateLoginAddress, new LoginAddressArguments(address.AbsoluteUri, isForced))
            : CometErrors.BadField("Force", "must be 1 or 0");
    }

    // The vendor tells administrators the job, users only that it was started.
    private async Task<object> StartAsync(CometCall call, LiveDevice device, string kind, object arguments)
    {
        var (started, outcome) = await calls.AskAsync<StartedJob>(device, kind, arguments, call.Aborted);
        return started is null ? Of(outcome)
            : call.IsUser ? CometApiResponseMessage.Ok
            : new DispatchWithJobIDResponse { JobID = started.Job };
    }

    private async Task<object> DoAsync(CometCall call, LiveDevice device, string kind, object arguments)
    {
        var outcome = await calls.CallAsync(device, kind, arguments, call.Aborted);
        return outcome.IsDone ? CometApiResponseMessage.Ok : Of(outcome);
    }

    private async Task<object> AskAsync<T>(CometCall call, LiveDevice device, string kind, object arguments, Func<T, object> toAnswer)
        where T : class
    {
        var (found, outcome) = await calls.AskAsync<T>(device, kind, arguments, call.Aborted);
        return found is null ? Of(outcome) : toAnswer(found);
    }

    private static bool TryCount(CometCall call, string field, out long? count)
    {
        var isNumber = call.Form.TryInteger(field, -1, out var value) && (value >= 0 || call.Form.Text(field).Length == 0);
        count = value < 0 ? null : value;
        return isNumber;
    }

    private static CometApiResponseMessage Of(CommandOutcome outcome) => new(
        outcome switch
        {
            _ when outcome.IsUndelivered || outcome == CommandOutcome.Lost || outcome == CommandOutcome.Busy => 503,
            _ when outcome == CommandOutcome.Silent || outcome == CommandOutcome.TooSlow => 504,
            _ when outcome == CommandOutcome.Unreadable => 502,
            { Code: CommandOutcome.FileNamesNotAllowed } => 403,
            _ => 500,
        },
        outcome.Message);
}
