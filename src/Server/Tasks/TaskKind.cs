namespace Halley.Server.Tasks;

/// <summary>
/// A kind of long work. Each feature registers its own. The work must survive a stop at any moment, by a pause or a crash: when it starts
/// again, it finds the remaining work on the disks or in its checkpoint.
/// </summary>
internal abstract class TaskKind
{
    /// <summary>The name in the API, such as <c>drain</c>. It never changes, because stored tasks refer to it.</summary>
    public abstract string Name { get; }

    /// <summary>Does the work, or the rest of it. Throws <see cref="TaskFailedException"/> if it cannot continue.</summary>
    public abstract Task RunAsync(TaskRun run, CancellationToken cancellationToken);

    /// <summary>Releases what a cancelled task had reserved. Its work has already stopped.</summary>
    public virtual Task CancelledAsync(TaskRun run, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The work cannot continue. The message tells an administrator why and what to do.</summary>
internal sealed class TaskFailedException(string message, Exception? cause = null) : Exception(message, cause);
