using System.Net;
using System.Runtime.InteropServices;

namespace Halley.Server.Credentials;

/// <summary>
/// Runs bcrypt on a few low-priority threads, so that sign-ins may use every idle core and uploads hardly notice. Client addresses take
/// turns: a client that floods the server with wrong keys only delays itself, and other clients wait at most for the computations that are
/// already running.
/// </summary>
internal sealed class VerificationSlots(CredentialOptions options) : IDisposable
{
    private const int QueueOfAll = 256;
    private const int QueueOfOneClient = 8;

    // A thread with this nice value gets about a third of an ordinary thread's time on the same core: enough to yield, not to starve.
    private const int Nice = 5;
    private readonly object _queues = new();
    private readonly Dictionary<IPAddress, Queue<Action>> _waiting = [];
    private readonly Queue<IPAddress> _turns = new();
    private int _threads;
    private int _idle;
    private int _count;
    private bool _isStopping;

    /// <summary>
    /// Waits for a slot and runs the work in it, off the request's thread. Returns false if too many are waiting already.
    /// </summary>
    public async Task<(bool Done, T? Result)> TryRunAsync<T>(IPAddress? client, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryEnqueue(Neighbourhood.Of(client), () => Complete(done, work)) ? (true, await done.Task) : (false, default);
    }

    public void Dispose()
    {
        lock (_queues)
        {
            _isStopping = true;
            Monitor.PulseAll(_queues);
        }
    }

    private bool TryEnqueue(IPAddress client, Action work)
    {
        lock (_queues)
        {
            var own = _waiting.GetValueOrDefault(client);
            // Work that starts at once doesn't count as waiting.
            var free = _idle + options.MaxParallelVerifications - _threads - _count;
            if (free <= 0 && (_count >= QueueOfAll || own?.Count >= QueueOfOneClient))
            {
                return false;
            }

            if (own is null)
            {
                _waiting[client] = own = new Queue<Action>();
                _turns.Enqueue(client);
            }

            own.Enqueue(work);
            _count++;
            if (_count > _idle && _threads < options.MaxParallelVerifications)
            {
                _threads++;
                _idle++;
                new Thread(Work) { IsBackground = true, Name = "Credentials", Priority = ThreadPriority.BelowNormal }.Start();
            }

            Monitor.Pulse(_queues);
            return true;
        }
    }

    private void Work()
    {
        if (OperatingSystem.IsLinux())
        {
            // The runtime ignores priorities on Linux, and a nice value belongs to a thread. If this fails, the thread keeps normal
            // priority.
            _ = SetPriority(which: 0, who: 0, Nice);
        }

        while (Next() is { } work)
        {
            work();
            lock (_queues)
            {
                _idle++;
            }
        }
    }

    private Action? Next()
    {
        lock (_queues)
        {
            while (_count == 0)
            {
                if (_isStopping)
                {
                    return null;
                }

                Monitor.Wait(_queues);
            }

            var client = _turns.Dequeue();
            var own = _waiting[client];
            var work = own.Dequeue();
            if (own.Count > 0)
            {
                _turns.Enqueue(client);
            }
            else
            {
                _waiting.Remove(client);
            }

            _count--;
            _idle--;
            return work;
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
#pragma warning disable CA1031 // not swallowed: the request that waits for the result gets it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            done.SetException(failure);
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int nice);
}
