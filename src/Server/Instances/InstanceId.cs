namespace Halley.Server.Instances;

/// <summary>
/// Which of several this instance is: random, and another one after each start, so that what a process has left behind is never taken for
/// the next one's.
/// </summary>
internal sealed class InstanceId
{
    public Guid Value { get; } = Guid.NewGuid();
}
