namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Admits changes of a bucket's files, or none while it is closed. It exists in memory only: however the work that closed it ends, even by
/// a crash, the bucket can be written again.
/// </summary>
internal sealed class WriteGate
{
    private readonly Lock _lock = new();
    private int _writers;
    private TaskCompletionSource? _lastLeft;

    /// <summary>False while the gate is closed. After true, the caller must call <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            _writers += _lastLeft is null ? 1 : 0;
            return _lastLeft is null;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_writers == 0)
            {
                _lastLeft?.TrySetResult();
            }
        }
    }

    /// <summary>Closes the gate. Completes when the last writer has left.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _lastLeft ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_writers == 0)
            {
                _lastLeft.TrySetResult();
            }

            return _lastLeft.Task;
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _lastLeft = null;
        }
    }
}
