using System.Net;
using System.Security.Cryptography;
using Halley.Client.Accounts;

namespace Halley.Client.Agent;

/// <summary>What the agent needs.</summary>
public sealed class AgentOptions
{
    /// <summary>Where this machine remembers its account.</summary>
    public required StateDirectory State { get; init; }

    /// <summary>The account, whose requests go to its server.</summary>
    public required DeviceAccount Account { get; init; }

    /// <summary>Connections to servers. It follows no redirects and has no timeout.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>The proxy of <see cref="Http"/>, for messages; null for none.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Where copies of index and directories of vaults are.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Version of the client.</summary>
    public required string ClientVersion { get; init; }

    /// <summary>False when the user hides the names of files from the server.</summary>
    public bool ShowsFileNames { get; init; } = true;

    /// <summary>Receives what the agent does.</summary>
    public Action<string> Inform { get; init; } = static _ => { };

    /// <summary>Receives what is not as it should be.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads attempts to connect.</summary>
    public Random Random { get; init; } = new(RandomNumberGenerator.GetInt32(int.MaxValue));
}
