using Halley.Benchmarks.Load;

namespace Halley.Benchmarks.Peers;

/// <summary>A server that is being measured: where to send requests, and the process to watch when it is on this machine.</summary>
internal abstract class MeasuredServer : IAsyncDisposable
{
    public abstract string Name { get; }

    public abstract Target Target { get; }

    /// <summary>A folder of 100 000 files to list; null when the server knows no such list.</summary>
    public virtual Target? List => null;

    public virtual int? ProcessId => null;

    public static async Task<MeasuredServer> StartAsync(string name, string directory) => name switch
    {
        HalleyPeer.OneVolume => await HalleyPeer.StartAsync(name, directory, volumes: 1),
        HalleyPeer.TwoVolumes => await HalleyPeer.StartAsync(name, directory, volumes: 2),
        NginxPeer.PeerName => await NginxPeer.StartAsync(directory),
        RclonePeer.PeerName => await RclonePeer.StartAsync(directory),
        _ => await RemotePeer.OpenAsync(new Uri(name)),
    };

    public static bool IsKnown(string name) =>
        name is HalleyPeer.OneVolume or HalleyPeer.TwoVolumes or NginxPeer.PeerName or RclonePeer.PeerName
        || (Uri.TryCreate(name, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"));

    public abstract ValueTask DisposeAsync();
}
