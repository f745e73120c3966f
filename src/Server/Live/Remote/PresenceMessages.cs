namespace Halley.Server.Live.Remote;

/// <summary>The kinds of messages about who is connected where, and how often they come.</summary>
internal static class PresenceMessages
{
    /// <summary>An instance has started, or has missed something: everybody may say how far he is.</summary>
    public const string Hello = "hello";
    public const string Update = "presence";
    public const string Beat = "beat";
    public const string Bye = "bye";

    /// <summary>The field beside the devices in which the hash of an instance says how far it is.</summary>
    public const string Version = "version";

    /// <summary>At most so often others are told who came and went.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(4);

    /// <summary>Three beats were missed: the instance is gone, and with it all its devices.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(13);

    /// <summary>How long what Redis knows of an instance outlives its last beat.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);

    public static string KeyOf(Guid instance) => $"presence:{instance:N}";
}

/// <summary>Who came or changed and who went. One whose version does not follow on the one before was preceded by something that was not heard.</summary>
internal sealed record PresenceUpdate(long Version, IReadOnlyList<SharedDevice> Devices, IReadOnlyList<Guid> Gone);
