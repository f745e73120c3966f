namespace Halley.Server.Periodic;

/// <summary>
/// Work of which there is never a second run at the same time in this process, whoever asks for one: the others wait for their turn.
/// </summary>
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
