using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Devices;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls to connected devices: each sends the device a command and waits for its response.</summary>
internal sealed class DispatcherCalls(
    LiveDeviceActions devices, DeviceCalls calls, OrganizationCache organizations)
{
    private const string TargetId = "TargetID";
    private const string Destination = "Destination";
    private const string DestinationId = "DestinationID";
    private const string Source = "Source";
    private const string SnapshotId = "SnapshotID";
    private static readonly CometApiResponseMessage UnknownTarget =
        new(403, "No device with this TargetID is connected; list-active returns the connected ones");

    private delegate Task<TReply> Handler<TReply>(DispatcherCalls api, CometCall call, LiveDevice device)
        where TReply : ICometReply<TReply>;

    private LiveDeviceActions Devices => devices;

    public static void Map(CometMap<DispatcherCalls> map)
    {
        map.Admin("dispatcher/list-active", "UserNameFilter?", (api, call) => api.List(call));
        map.User("dispatcher/list-active", "", (api, call) => Task.FromResult(api.List(call)));
        map.Admin("dispatcher/get-default-login-url", "OrganizationID", (api, call) => api.LoginAddress(call));
        MapRunning(map);
        MapLooking(map);
        MapCaring(map);
    }

    private static void MapRunning(CometMap<DispatcherCalls> map)
    {
        Start(map, "run-backup", "BackupRule", (api, call, device) => api.StartAsync(
            call, device, CommandCatalog.RunRule, new RunRuleArguments(call.Form.Text("BackupRule"))));
        Start(
            map, "run-backup-custom", "Source, Destination, Options? json:BackupJobAdvancedOptions",
            (api, call, device) => api.RunBackupAsync(call, device));
        Start(map, "run-restore", "Path, Source, Destination, Snapshot?, Paths? json:[]string", (api, call, device) => api.RunRestoreAsync(
            call, device, new RestoreJobAdvancedOptions { DestPath = call.Form.Text("Path") }));
        Start(
            map,
            "run-restore-custom",
            "Source, Destination, Options json:RestoreJobAdvancedOptions, Snapshot?, Paths? json:[]string, "
                + "KnownFileCount? int, KnownByteCount? int, KnownDirCount? int",
            (api, call, device) => api.RunRestoreAsync(call, device, options: null));
    }

    private static void MapLooking(CometMap<DispatcherCalls> map)
    {
        Both(map, "request-vault-snapshots", "Destination", (api, call, device) => api.AskAsync(
            call, device, CommandCatalog.ListSnapshots, new VaultArguments(call.Form.Text(Destination)),
            found => new DispatcherVaultSnapshotsResponse { Snapshots = found }));
        Both(
            map, "request-stored-objects", "Destination, SnapshotID, TreeID?, Options? json:VMDKSnapshotViewOptions",
            (api, call, device) => api.AskAsync(
                call, device, CommandCatalog.ListStored,
                new ListStoredArguments(call.Form.Text(Destination), call.Form.Text(SnapshotId), call.Form.Text("TreeID")),
                found => new DispatcherStoredObjectsResponse { StoredObjects = found }));
        Both(
            map, "search-snapshots", "DestinationID, SnapshotIDs json:[]string, Filter json:SearchClause",
            (api, call, device) => api.SearchAsync(call, device));
        Handler<CometReply<DispatcherStoredObjectsResponse>> browse = (api, call, device) => api.AskAsync(
            call, device, CommandCatalog.BrowseFiles, new BrowseArguments(call.Form.Text("Path")),
            found => new DispatcherStoredObjectsResponse { StoredObjects = found });
        Admin(map, "request-filesystem-objects", "Path?", browse);
        map.User("request-filesystem-objects", "TargetID, Path?", (api, call) => api.WithDeviceAsync(call, [], browse));
        Admin(map, "request-import-sources", "", (api, call, device) => api.AskAsync(
            call, device, CommandCatalog.ListImportSources, new NoArguments(),
            found => new DispatcherAdminSourcesResponse { ImportSources = found }));
        Both(map, "ping-destination", "ExtraData json:DestinationLocation", (api, call, device) => api.PingAsync(call, device));
        Both(map, "test-smb-auth", "Wsa json:WinSMBAuth", (api, call, device) => api.TestShareAsync(call, device));
    }

    private static void MapCaring(CometMap<DispatcherCalls> map)
    {
        Admin(map, "apply-retention-rules", "Destination", OnVault(CommandCatalog.ApplyRetention));
        Admin(map, "reindex-storage-vault", "Destination", OnVault(CommandCatalog.ReindexVault));
        Admin(map, "deepverify-storage-vault", "Destination", OnVault(CommandCatalog.VerifyVault));
        Admin(map, "unlock", "Destination, AllowUnsafe? bool", (api, call, device) => api.UnlockAsync(call, device));
        Both(map, "delete-snapshot", "DestinationID, SnapshotID", (api, call, device) => api.DoAsync(
            call, device, CommandCatalog.DeleteSnapshots,
            new SnapshotsArguments(call.Form.Text(DestinationId), [call.Form.Text(SnapshotId)])));
        Both(
            map, "delete-snapshots", "DestinationID, SnapshotIDs json:[]string",
            (api, call, device) => api.DeleteSnapshotsAsync(call, device));
        Admin(map, "import-apply", "ImportSourceID", (api, call, device) => api.DoAsync(
            call, device, CommandCatalog.ApplyImport, new ImportArguments(call.Form.Text("ImportSourceID"))));
        Admin(map, "refetch-profile", "", (api, call, device) => api.DoAsync(
            call, device, CommandCatalog.RefetchProfile, new NoArguments()));
        Admin(map, "update-software", "SelfAddress?", (api, call, device) => api.DoAsync(
            call, device, CommandCatalog.UpdateSoftware, new UpdateSoftwareArguments(call.Form.Text("SelfAddress"))));
        Admin(map, "uninstall-software", "RemoveConfigFile bool", (api, call, device) => api.UninstallAsync(call, device));
        Admin(map, "update-login-url", "NewURL, Force? bool", (api, call, device) => api.UpdateLoginAddressAsync(call, device));
        Both(map, "update-login-password", "NewPassword", (api, call, device) => api.DoAsync(
            call, device, CommandCatalog.UpdateLoginPassword, new LoginPasswordArguments(call.Form.Text("NewPassword"))));
        Admin(map, "force-login", "", (api, call, device) => api.DoAsync(call, device, CommandCatalog.ForceLogin, new NoArguments()));
        Both(map, "drop-connection", "", (api, call, device) => DoneAsync(api.Devices.DropAsync(device, call.CallerName)));
        Admin(map, "kill-process", "", (api, call, device) => DoneAsync(api.Devices.EndProgramAsync(device, call.CallerName)));
    }

    private static Handler<CometApiResponseMessage> OnVault(CommandKind<VaultArguments> kind) =>
        (api, call, device) => api.DoAsync(call, device, kind, new VaultArguments(call.Form.Text(Destination)));

    private static void Admin<TReply>(CometMap<DispatcherCalls> map, string name, string fields, Handler<TReply> handler)
        where TReply : ICometReply<TReply>
    {
        var required = RequiredOf(fields);
        map.Admin($"dispatcher/{name}", $"TargetID, {fields}", (api, call) => api.WithDeviceAsync(call, required, handler));
    }

    private static void Both<TReply>(CometMap<DispatcherCalls> map, string name, string fields, Handler<TReply> handler)
        where TReply : ICometReply<TReply>
    {
        var required = RequiredOf(fields);
        Admin(map, name, fields, handler);
        map.User($"dispatcher/{name}", $"TargetID, {fields}", (api, call) => api.WithDeviceAsync(call, required, handler));
    }

    // Administrators get the id of the job, users only the status.
    private static void Start(
        CometMap<DispatcherCalls> map, string name, string fields, Handler<CometReply<DispatchWithJobIDResponse>> handler)
    {
        var required = RequiredOf(fields);
        Admin(map, name, fields, handler);
        map.User(
            $"dispatcher/{name}", $"TargetID, {fields}",
            async (api, call) => (await api.WithDeviceAsync(call, required, handler)).ToStatus());
    }

    private static string[] RequiredOf(string fields) =>
        [.. CometField.Parse(fields).Where(field => field.IsRequired).Select(field => field.Name)];

    private CometReply<Dictionary<string, LiveUserConnection>> List(CometCall call)
    {
        var filter = call.IsUser ? "" : call.Form.Text("UserNameFilter");
        return devices.ListConnected(ScopeOf(call), AccountOf(call)).Where(device => filter.Length == 0 || device.Username == filter)
            .ToDictionary(device => device.Id.ToString(), ToWire);
    }

    private async Task<TReply> WithDeviceAsync<TReply>(CometCall call, string[] required, Handler<TReply> handler)
        where TReply : ICometReply<TReply>
    {
        if (!Guid.TryParse(call.Form.Text(TargetId), out var id)
            || devices.FindConnected(id, ScopeOf(call), AccountOf(call)) is not { } device)
        {
            return TReply.Refuse(UnknownTarget);
        }

        return Array.Find(required, name => call.Form.Text(name).Length == 0) is { } missing
            ? TReply.Refuse(CometErrors.BadField(missing, "is missing"))
            : await handler(this, call, device);
    }

    private static TenantScope ScopeOf(CometCall call) => call.IsUser ? TenantScope.Of(call.Account.OrganizationId) : call.Scope;

    private static Guid? AccountOf(CometCall call) => call.IsUser ? call.Account.Id : null;

    private static async Task<CometApiResponseMessage> DoneAsync(Task work)
    {
        await work;
        return CometApiResponseMessage.Ok;
    }

    private static LiveUserConnection ToWire(LiveDevice device) => new()
    {
        Username = device.Username,
        DeviceID = device.Key.DeviceId,
        ReportedVersion = device.Hello.ClientVersion,
        ReportedPlatform = device.Hello.Platform,
        ReportedPlatformVersion = HelloRules.ReadPlatform(device.Hello.PlatformVersion) ?? new OSInfo(),
        DeviceTimeZone = device.Hello.TimeZone,
        IPAddress = device.Address,
        ConnectionTime = device.Since.ToUnixTimeSeconds(),
        AllowsFilenames = device.Hello.AllowsFilenames,
    };

    private async Task<CometReply<DispatchWithJobIDResponse>> RunBackupAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<BackupJobAdvancedOptions>("Options", out var options)
            ? await StartAsync(
                call, device, CommandCatalog.RunBackup,
                new RunBackupArguments(call.Form.Text(Source), call.Form.Text(Destination), options))
            : CometErrors.BadField("Options", "must be the options of a backup as JSON");

    private async Task<CometReply<DispatchWithJobIDResponse>> RunRestoreAsync(
        CometCall call, LiveDevice device, RestoreJobAdvancedOptions? options)
    {
        if (options is null && !(call.Form.TryJson("Options", out options) && options is not null))
        {
            return CometErrors.BadField("Options", "must be the options of a restore as JSON");
        }

        if (!call.Form.TryJson<List<string>>("Paths", out var paths))
        {
            return CometErrors.BadField("Paths", "must be an array of paths as JSON");
        }

        if (!TryCount(call, "KnownFileCount", out var files)
            || !TryCount(call, "KnownByteCount", out var bytes)
            || !TryCount(call, "KnownDirCount", out var folders))
        {
            return CometErrors.BadRequest("Parameters KnownFileCount, KnownByteCount and KnownDirCount must be numbers, not below 0");
        }

        return await StartAsync(call, device, CommandCatalog.RunRestore, new RunRestoreArguments(
            call.Form.Text(Source), call.Form.Text(Destination), options, call.Form.Text("Snapshot"), paths, files, bytes, folders));
    }

    // The sign-in address for devices of the tenant: its first own host, or the address of this call.
    private CometReply<OrganizationLoginURLResponse> LoginAddress(CometCall call)
    {
        var id = call.Form.Text("OrganizationID");
        if (!call.Scope.Contains(id) || !organizations.Exists(id))
        {
            return CometErrors.BadField("OrganizationID", "is not one of an organization");
        }

        var host = organizations.Find(id)?.Hosts.FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal));
        return new OrganizationLoginURLResponse { LoginURL = host is null ? call.Address : $"{call.Context.Request.Scheme}://{host}/" };
    }

    private async Task<CometReply<SearchSnapshotsResponse>> SearchAsync(CometCall call, LiveDevice device)
    {
        if (!call.Form.TryJson<List<string>>("SnapshotIDs", out var snapshots) || snapshots is not { Count: > 0 } || snapshots.Contains(""))
        {
            return CometErrors.BadField("SnapshotIDs", "must be an array of at least one id as JSON");
        }

        return call.Form.TryJson<SearchClause>("Filter", out var filter) && filter is not null
            ? await AskAsync(
                call, device, CommandCatalog.SearchSnapshots,
                new SearchSnapshotsArguments(call.Form.Text(DestinationId), snapshots, filter),
                found => new SearchSnapshotsResponse { SnapshotFiles = found })
            : CometErrors.BadField("Filter", "must be a search clause as JSON");
    }

    private async Task<CometApiResponseMessage> DeleteSnapshotsAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<List<string>>("SnapshotIDs", out var snapshots) && snapshots is { Count: > 0 } && !snapshots.Contains("")
            ? await DoAsync(call, device, CommandCatalog.DeleteSnapshots, new SnapshotsArguments(call.Form.Text(DestinationId), snapshots))
            : CometErrors.BadField("SnapshotIDs", "must be an array of at least one id as JSON");

    private async Task<CometApiResponseMessage> PingAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<DestinationLocation>("ExtraData", out var location) && location is not null
            ? await DoAsync(call, device, CommandCatalog.PingDestination, new DestinationArguments(location))
            : CometErrors.BadField("ExtraData", "must be a destination as JSON");

    private async Task<CometApiResponseMessage> TestShareAsync(CometCall call, LiveDevice device) =>
        call.Form.TryJson<WinSMBAuth>("Wsa", out var share) && share is not null
            ? await DoAsync(call, device, CommandCatalog.TestShare, new TestShareArguments(share))
            : CometErrors.BadField("Wsa", "must be a network share as JSON");

    private async Task<CometApiResponseMessage> UnlockAsync(CometCall call, LiveDevice device) =>
        call.Form.TryBoolean("AllowUnsafe", absent: false, out var isUnsafe)
            ? await DoAsync(call, device, CommandCatalog.UnlockVault, new UnlockArguments(call.Form.Text(Destination), isUnsafe))
            : CometErrors.BadField("AllowUnsafe", "must be 1 or 0");

    private async Task<CometApiResponseMessage> UninstallAsync(CometCall call, LiveDevice device) =>
        call.Form.TryBoolean("RemoveConfigFile", absent: false, out var all)
            ? await DoAsync(call, device, CommandCatalog.UninstallSoftware, new UninstallArguments(all))
            : CometErrors.BadField("RemoveConfigFile", "must be 1 or 0");

    private async Task<CometApiResponseMessage> UpdateLoginAddressAsync(CometCall call, LiveDevice device)
    {
        if (!Uri.TryCreate(call.Form.Text("NewURL"), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return CometErrors.BadField("NewURL", "must be the address of a server, such as https://backup.example.com/");
        }

        return call.Form.TryBoolean("Force", absent: false, out var isForced)
            ? await DoAsync(call, device, CommandCatalog.UpdateLoginAddress, new LoginAddressArguments(address.AbsoluteUri, isForced))
            : CometErrors.BadField("Force", "must be 1 or 0");
    }

    private Task<CometReply<DispatchWithJobIDResponse>> StartAsync<TArguments>(
        CometCall call, LiveDevice device, CommandKind<TArguments, StartedJob> kind, TArguments arguments)
        where TArguments : class =>
        AskAsync(call, device, kind, arguments, started => new DispatchWithJobIDResponse { JobID = started.Job });

    private async Task<CometApiResponseMessage> DoAsync<TArguments>(
        CometCall call, LiveDevice device, CommandKind<TArguments> kind, TArguments arguments)
        where TArguments : class
    {
        var outcome = await calls.CallAsync(device, kind, arguments, call.Aborted);
        return outcome.IsDone ? CometApiResponseMessage.Ok : OfDevice(outcome.Code, outcome.Message);
    }

    private async Task<CometReply<T>> AskAsync<TArguments, TFound, T>(
        CometCall call, LiveDevice device, CommandKind<TArguments, TFound> kind, TArguments arguments, Func<TFound, T> toContent)
        where TArguments : class
        where TFound : class
        where T : notnull
    {
        var outcome = await calls.CallAsync(device, kind, arguments, call.Aborted);
        if (!outcome.IsDone)
        {
            return OfDevice(outcome.Code, outcome.Message);
        }

        var content = toContent(kind.ReadAnswer(outcome.Answer));
        if (content is CometAnswer answer && outcome.Message.Length > 0)
        {
            answer.Message = outcome.Message;
        }

        return content;
    }

    private static bool TryCount(CometCall call, string field, out long? count)
    {
        var isNumber = call.Form.TryInteger(field, -1, out var value) && (value >= 0 || call.Form.Text(field).Length == 0);
        count = value < 0 ? null : value;
        return isNumber;
    }

    /// <summary>The response to a call that a device did not carry out.</summary>
    public static CometApiResponseMessage OfDevice(string code, string message) => new(
        code switch
        {
            "device_not_connected" or "device_disconnected" or "device_busy" => 503,
            "device_did_not_answer" => 504,
            "device_answer_unreadable" => 502,
            "filenames_not_allowed" => 403,
            _ => 500,
        },
        message);
}
