using Halley.Protocol.Settings;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Hosting;
using Halley.Server.Settings;
using Halley.Server.Settings.Statistics;

namespace Halley.Server.CometApi.Wire;

/// <summary>The server's description of itself: as a response, and as the greeting of event streams and webhooks.</summary>
internal sealed class ServerDescription(
    ServerSettings settings, ServerStart start, StatisticsWork statistics, EmailSendingWork emails, TimeProvider time)
{
    /// <summary>
    /// The version of the vendor's API that is spoken; its integrations split it into three numbers and choose calls by it.
    /// </summary>
    public const string Version = "25.9.8";

    private static readonly string OwnVersion = CommandLine.Version;

    /// <summary>With the devices of one tenant, or of all when it is null.</summary>
    public async Task<ServerMetaVersionInfo> OfAsync(string? organizationId, CancellationToken cancellationToken)
    {
        var options = settings.Current;
        return new ServerMetaVersionInfo
        {
            Version = Version,
            VersionCodename = $"Halley {OwnVersion}".Trim(),
            AuthenticationRole = options.AuthenticationRole.RoleEnabled,
            StorageRole = options.StorageRole.RoleEnabled,
            ExperimentalOptions = options.ExperimentalOptions,
            ServerStartTime = start.At.ToUnixTimeSeconds(),
            ServerStartHash = start.Hash,
            CurrentTime = time.GetUtcNow().ToUnixTimeSeconds(),
            ConfiguredDevices = (await statistics.CountAsync(organizationId, cancellationToken)).Devices,
            EmailsSentSuccessfully = emails.Sent,
            EmailsSentErrors = emails.Failed,
            EmailsWaitingInQueue = await emails.CountWaitingAsync(cancellationToken),
        };
    }
}
