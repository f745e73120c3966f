namespace Halley.Server.Periodic;

/// <summary>Work that never runs twice at the same time in this process. Concurrent callers wait for their turn.</summary>
internal abstract class SingleRun : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await RunAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task RunAsync(CancellationToken cancellationToken);
}
