using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Devices;
using Halley.Server.StorageRole.Scrubs;

namespace Halley.Server.OwnVaults;

/// <summary>
/// Tells connected devices when a bucket of this server has lost files, so that they heal their vault at once. It keeps nothing: a device
/// that is offline asks when it connects.
/// </summary>
internal sealed partial class LossNoticeWork(
    FindingStore findings, ProfileStore profiles, LiveDeviceActions devices, DeviceCalls calls, TimeProvider time,
    ILogger<LossNoticeWork> logger)
{
    // What a move or an upload has put into quarantine is found minutes later, with the time of then.
    private static readonly TimeSpan LooksBack = TimeSpan.FromMinutes(10);

    private HashSet<Guid> _told = [];

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var found = await findings.LossesSinceAsync(time.GetUtcNow().UtcDateTime - LooksBack, cancellationToken);
        var buckets = found.Where(loss => !_told.Contains(loss.Key)).Select(loss => loss.Value).ToHashSet(StringComparer.Ordinal);
        if (buckets.Count > 0)
        {
            await TellAsync(buckets, cancellationToken);
        }

        _told = [.. found.Keys];
    }

    private async Task TellAsync(HashSet<string> buckets, CancellationToken cancellationToken)
    {
        var telling = new List<Task>();
        await foreach (var stored in profiles.ListAsync(TenantScope.Everything, cancellationToken))
        {
            var vaults = stored.Profile.Destinations.Where(vault => buckets.Contains(vault.Value.CometBucket)).Select(vault => vault.Key);
            var owners = stored.Profile.Sources.Values.Select(item => item.OwnerDevice).ToHashSet(StringComparer.Ordinal);
            foreach (var vault in vaults)
            {
                telling.AddRange(devices.ListConnected(TenantScope.Everything, stored.Account.Id)
                    .Where(device => owners.Contains(device.Key.DeviceId))
                    .Select(device => TellAsync(device, vault, cancellationToken)));
            }
        }

        await Task.WhenAll(telling);
    }

    private async Task TellAsync(LiveDevice device, string vault, CancellationToken cancellationToken)
    {
        var outcome = await calls.CallAsync(device, CommandCatalog.HealVault, new VaultArguments(vault), cancellationToken);
        LogTold(logger, device.Key.DeviceId, vault, outcome.IsDone ? "healing has begun" : outcome.Message);
    }

    [LoggerMessage(
        LogEvents.DeviceToldOfLoss, LogLevel.Information, "Device {Device} was told that vault {Vault} has lost files: {Outcome}")]
    private static partial void LogTold(ILogger logger, string device, string vault, string outcome);
}
