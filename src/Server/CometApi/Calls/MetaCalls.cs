using System.Globalization;
using System.Net.NetworkInformation;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Hosting;
using Halley.Server.Settings;
using Halley.Server.Settings.Resources;
using Halley.Server.Settings.Statistics;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about the server itself.</summary>
internal sealed class MetaCalls(
    ServerDescription description, StatisticsWork statistics, ResourceStore resources, ServiceControl service)
{
    public static void Map(CometMap<MetaCalls> map)
    {
        map.Admin("meta/version", "", Requires.ViewServerInfo, (api, call) => api.VersionAsync(call));
        map.Admin("meta/stats", "Simple bool", Requires.ViewServerHistory, (api, call) => api.StatisticsAsync(call));
        map.Admin("meta/resource/new", "upload multipart-file", (api, call) => api.AddResourceAsync(call));
        map.Admin("meta/resource/get", "Hash", (api, call) => api.GetResourceAsync(call));
        map.Admin("meta/server-config/network-interfaces", "", Requires.TopLevel | Requires.EditServerSettings, (_, _) => Addresses());
        map.Admin("meta/restart-service", "", Requires.ShutDownServer, (api, _) => api.Restart());
        map.Admin("meta/shutdown-service", "", Requires.ShutDownServer, (api, _) => api.Stop());
    }

    private async Task<CometReply<ServerMetaVersionInfo>> VersionAsync(CometCall call) =>
        await description.OfAsync(call.Scope.OrganizationId, call.Aborted);

    private async Task<CometReply<Dictionary<string, StatResult>>> StatisticsAsync(CometCall call)
    {
        if (!call.Form.TryBoolean("Simple", absent: false, out var simple))
        {
            return CometErrors.BadField("Simple", "must be true or false");
        }

        return (await statistics.ListAsync(call.Scope.OrganizationId, changesOnly: simple, call.Aborted)).ToDictionary(
            sample => new DateTimeOffset(sample.At).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            sample => new StatResult { Users = sample.Users, Devices = sample.Devices, Buckets = sample.Buckets });
    }

    private async Task<CometReply<AdminResourceResponse>> AddResourceAsync(CometCall call)
    {
        if (await call.FileAsync("upload") is not { } file)
        {
            return CometErrors.BadField("upload", "must be a file, sent as multipart/form-data");
        }

        await using var content = file.OpenReadStream();
        return (await resources.AddAsync(call.Caller, content, file.Length, call.Aborted)).TryGet(out var hash, out var refusal)
            ? new AdminResourceResponse { ResourceHash = hash }
            : CometErrors.Of(refusal);
    }

    private async Task<CometReply<CometRaw>> GetResourceAsync(CometCall call)
    {
        var hash = ResourceStore.HashOf(call.Form.Text("Hash"));
        return await resources.FindAsync(hash, call.Scope.OrganizationId, call.Aborted) is { } content
            ? CometRaw.Of(content)
            : CometErrors.NotFound("Resource not found");
    }

    // Stopping waits for running requests, so this one still gets its response.
    private CometApiResponseMessage Stop()
    {
        service.Stop();
        return CometApiResponseMessage.Ok;
    }

    private CometApiResponseMessage Restart()
    {
        service.Restart();
        return CometApiResponseMessage.Ok;
    }

    private static CometReply<string[]> Addresses() =>
        (string[])[.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address.ToString()).Distinct().Order(StringComparer.Ordinal)];
}
