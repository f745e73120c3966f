namespace Halley.Storage.Spanning;

/// <summary>The server that uses volumes, as other servers see it.</summary>
/// <param name="Server">Id of the installation. A process of the same installation may take over at once.</param>
/// <param name="Host">Name of the machine, for people.</param>
public sealed record VolumeOwner(Guid Server, string Host)
{
    /// <summary>The process: two of one installation, such as a clone of a machine, must not use a volume at once either.</summary>
    public Guid Process { get; } = Guid.NewGuid();
}
