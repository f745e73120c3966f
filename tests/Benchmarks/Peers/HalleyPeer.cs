using Halley.Benchmarks.Load;
using Halley.Protocol;

namespace Halley.Benchmarks.Peers;

/// <summary>This server as it is shipped: SHA-256 checked, file and directory flushed before an upload is acknowledged.</summary>
internal sealed class HalleyPeer : MeasuredServer
{
    public const string OneVolume = "halley";
    public const string TwoVolumes = "halley-2";

    private readonly ServerProcess _server;

    private HalleyPeer(string name, ServerProcess server, BucketCreated files, BucketCreated list)
    {
        Name = name;
        _server = server;
        Target = TargetOf(server, files);
        List = TargetOf(server, list);
    }

    public override string Name { get; }

    public override Target Target { get; }

    public override Target? List { get; }

    public override int? ProcessId => _server.Id;

    public static async Task<HalleyPeer> StartAsync(string name, string directory, int volumes)
    {
        var server = await ServerProcess.StartAsync(new ServerSettings { DataDirectory = Path.Combine(directory, "data") });
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        for (var number = 2; number <= volumes; number++)
        {
            await admin.AddVolumeAsync(Path.Combine(directory, $"volume-{number}"));
        }

        var files = await admin.AddBucketAsync("files");
        var list = await admin.AddBucketAsync("list");
        ListedFiles.CreateIn(Path.Combine(server.FirstVolume, "buckets", list.Bucket.Id, "data"));
        return new HalleyPeer(name, server, files, list);
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>The files of a bucket.</summary>
    public static Target TargetOf(ServerProcess server, BucketCreated bucket) =>
        new(server.Address, $"{Routes.Vault}/{bucket.Bucket.Id}/data/", Credentials: $"{bucket.Bucket.Id}:{bucket.Secret}");
}
