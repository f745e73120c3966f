using System.Net;
using System.Runtime.InteropServices;
using Halley.Server.Hosting;

namespace Halley.Server.Credentials;

/// <summary>
/// Runs bcrypt on a few low-priority threads, so that sign-ins may use every idle core and uploads hardly notice. Tenants take turns, and
/// within a tenant client networks do; the one whose work has cost least goes first. So a client that floods the server with wrong keys
/// delays itself, expensive keys of a tenant delay that tenant, and everybody else waits at most for the computations that are running.
/// </summary>
internal sealed class VerificationSlots(CredentialOptions options) : IDisposable
{
    /// <summary>Hundreds of clients behind one address may start at the same time, each with its own bucket.</summary>
    private const int QueueOfOneClient = 512;

    private const int QueueOfAll = 4096;

    // A thread with this nice value gets about a third of an ordinary thread's time on the same core: enough to yield, not to starve.
    private const int Nice = 5;
    private readonly object _queues = new();
    private readonly FairQueue _waiting = new();
    private int _threads;
    private int _idle;
    private bool _isStopping;

    /// <summary>Computations that wait for a slot.</summary>
    public int Waiting
    {
        get
        {
            lock (_queues)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>
    /// Waits for a slot and runs the work in it, off the request's thread. Returns false if too many are waiting already, or if
    /// <paramref name="isWanted"/> says in the end that nobody waits any more.
    /// </summary>
    public async Task<(bool Done, T? Result)> TryRunAsync<T>(
        IPAddress? client, Func<T> work, string tenant = "", long cost = 1L << CredentialHasher.UsualWorkFactor,
        Func<bool>? isWanted = null)
    {
        var done = new TaskCompletionSource<(bool, T?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var slot = new SlotWork(tenant, Neighbourhood.Of(client), cost, () => Complete(done, work, isWanted));
        return TryEnqueue(slot) ? await done.Task : (false, default);
    }

    public void Dispose()
    {
        lock (_queues)
        {
            _isStopping = true;
            Monitor.PulseAll(_queues);
        }
    }

    private bool TryEnqueue(SlotWork work)
    {
        lock (_queues)
        {
            // Work that starts at once doesn't count as waiting.
            var free = _idle + options.MaxParallelVerifications - _threads - _waiting.Count;
            if (free <= 0 && (_waiting.Count >= QueueOfAll || _waiting.CountOf(work) >= QueueOfOneClient))
            {
                return false;
            }

            _waiting.Enqueue(work);
            if (_waiting.Count > _idle && _threads < options.MaxParallelVerifications)
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
            while (_waiting.Count == 0)
            {
                if (_isStopping)
                {
                    return null;
                }

                Monitor.Wait(_queues);
            }

            _idle--;
            return _waiting.Dequeue().Run;
        }
    }

    private static void Complete<T>(TaskCompletionSource<(bool Done, T? Result)> done, Func<T> work, Func<bool>? isWanted)
    {
        try
        {
            done.SetResult(isWanted?.Invoke() == false ? (false, default) : (true, work()));
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
