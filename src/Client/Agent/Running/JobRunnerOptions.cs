using System.Security.Cryptography;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Client;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>What the jobs of a machine need.</summary>
public sealed class JobRunnerOptions
{
    /// <summary>Where this machine remembers its account.</summary>
    public required StateDirectory State { get; init; }

    /// <summary>Gets the jobs.</summary>
    public required JobHistory History { get; init; }

    /// <summary>
    /// The profile of the account: that of the server, or the copy of this machine when the server cannot be reached. Its caller may change
    /// it; so it is another copy each time.
    /// </summary>
    public required Func<CancellationToken, Task<ProfileState>> ReadProfile { get; init; }

    /// <summary>The copy of the profile on this machine; null when there is none.</summary>
    public required Func<UserProfileConfig?> FindProfile { get; init; }

    /// <summary>The account, to save the key of a vault that this machine sets up.</summary>
    public required DeviceAccount Account { get; init; }

    /// <summary>Connections to vaults on servers. It follows no redirects and has no timeout.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>Where copies of index and directories of vaults are.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Version of the client.</summary>
    public required string ClientVersion { get; init; }

    /// <summary>False while the user hides the names of files from the server.</summary>
    public required Func<bool> ShowsFileNames { get; init; }

    /// <summary>Most files that the answer to a search names: more than a person looks through.</summary>
    public int MostFound { get; init; } = 10_000;

    /// <summary>Receives what should be known to somebody who looks after the agent.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>Chooses at random what a drill restores.</summary>
    public Random Random { get; init; } = new(RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
