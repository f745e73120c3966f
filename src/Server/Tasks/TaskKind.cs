namespace Halley.Server.Tasks;

/// <summary>
/// A kind of long work. Each feature folder registers its own. The work is to be such that it can be stopped at any moment, by a pause as
/// by a crash, and started again: it finds what is left to do on the disks, or in the checkpoint that it kept.
/// </summary>
internal abstract class TaskKind
{
    /// <summary>Its word in the API, such as <c>drain</c>; never changes, because stored tasks name it.</summary>
    public abstract string Name { get; }

    /// <summary>Does the work, or the rest of it. Returning means done; a <see cref="TaskFailedException"/> says why it cannot go on.</summary>
    public abstract Task RunAsync(TaskRun run, CancellationToken cancellationToken);

    /// <summary>An administrator ended it for good: what it had reserved is given back. It does not run any more.</summary>
    public virtual Task CancelledAsync(TaskRun run, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The work cannot go on; the message tells an administrator why and what to do.</summary>
internal sealed class TaskFailedException(string message, Exception? cause = null) : Exception(message, cause);
