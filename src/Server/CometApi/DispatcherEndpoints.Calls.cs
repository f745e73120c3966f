using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Server.Live;
using Halley.Server.Live.Commands;

namespace Halley.Server.CometApi;

internal sealed partial class DispatcherEndpoints
{
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
