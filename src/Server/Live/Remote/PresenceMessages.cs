namespace Halley.Server.Live.Remote;

/// <summary>The kinds and intervals of messages between instances about their devices.</summary>
internal static class PresenceMessages
{
    /// <summary>An instance has started or missed a message and asks the others for a beat.</summary>
    public const string Hello = "hello";
    public const string Update = "presence";
    public const string Beat = "beat";
    public const string Bye = "bye";

    /// <summary>The field beside the devices in the hash of an instance that has its version.</summary>
    public const string Version = "version";

    /// <summary>Interval of messages about changes.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(4);

    /// <summary>Time without a beat, three of which are missed by then, after which an instance and its devices count as gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(13);

    /// <summary>How long the hash of an instance stays in Redis after its last beat.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);

    public static string KeyOf(Guid instance) => $"presence:{instance:N}";
}

/// <summary>Devices that are new or changed, and ids of those that are gone. A gap between two versions means a missed message.</summary>
internal sealed record PresenceUpdate(long Version, IReadOnlyList<SharedDevice> Devices, IReadOnlyList<Guid> Gone);
