namespace Halley.Server.Instances;

/// <summary>
/// The identity of this instance. It is random and changes with each start, so nothing that a process left behind is taken for its
/// successor's.
/// </summary>
internal sealed class InstanceId
{
    public Guid Value { get; } = Guid.NewGuid();
}
