using System.Net;
using Halley.Client.Repository.Caching;

namespace Halley.Client.Repository;

/// <summary>How a vault is worked with. None of it is stored in the vault.</summary>
public sealed record VaultOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Local copies of index, snapshots and directories; null for none.</summary>
    public MetadataCacheOptions? Cache { get; init; }

    /// <summary>Level of zstd, 1 to 19; 0 for no compression.</summary>
    public int CompressionLevel { get; init; } = 3;

    /// <summary>Whether to decode and compare each new blob before it is stored.</summary>
    public bool VerifyBlobs { get; init; } = true;

    /// <summary>A pack is stored when it has this many bytes: 4 to 128 MiB.</summary>
    public int PackSize { get; init; } = 16 << 20;

    /// <summary>How many packs are stored at once, and how many files are read at once.</summary>
    public int Connections { get; init; } = 5;

    /// <summary>Begin of the name of the key file that is tried first.</summary>
    public string? KeyHint { get; init; }

    /// <summary>
    /// Name of this machine in snapshots, locks and key files. Each machine needs one of its own: it decides whose locks are stale.
    /// </summary>
    public string HostName { get; init; } = Dns.GetHostName();

    /// <summary>Name of the user that runs this program.</summary>
    public string UserName { get; init; } = Environment.UserName;

    /// <summary>
    /// Receives notices for people that are not errors, as sentences: a stale lock that was removed, for example.
    /// </summary>
    public Action<string>? Notice { get; init; }
}
