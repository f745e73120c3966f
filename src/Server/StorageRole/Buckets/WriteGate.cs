namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Lets a bucket's files be changed, or not for a while. It is in memory alone: however the work ends that has closed it, also with the process,
/// the bucket can be written again.
/// </summary>
internal sealed class WriteGate
{
    private readonly Lock _lock = new();
    private int _writers;
    private TaskCompletionSource? _lastLeft;

    /// <summary>False while it is closed; otherwise <see cref="Leave"/> is owed.</summary>
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

    /// <summary>Lets nobody in any more. Completes when the last one has left.</summary>
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
