namespace Halley.Server.Tasks;

#pragma warning disable CA1001 // without a timer or a wait handle the source holds nothing; disposing it could only race with Stop
/// <summary>A task that is running now, and the means to stop it.</summary>
internal sealed class TaskAtWork(TaskRun run)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stop = new();

    public TaskRun Run => run;

    /// <summary>Completes when the work has come to an end and that has been stored; never fails.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Begin(Func<CancellationToken, Task> work) => Ended = work(_stop.Token);

    public void Stop() => _stop.Cancel();
}
