using Halley.Storage.Disk;

namespace Halley.Storage.Tests.Faults;

/// <summary>How a call fails.</summary>
public enum FaultMode
{
    /// <summary>The disk reports an error once.</summary>
    ErrorOnce,

    /// <summary>The disk is full once.</summary>
    FullOnce,

    /// <summary>From then on this volume is full.</summary>
    FullFromThenOn,

    /// <summary>From then on this volume reports errors for whatever is asked of it.</summary>
    ErrorFromThenOn,

    /// <summary>The process is killed: from then on nothing happens any more.</summary>
    Crash,
}

/// <summary>Lets the n-th call fail, counted over those that can fail in that way.</summary>
internal sealed class NthCall(int n, FaultMode mode, IReadOnlyList<string> volumes)
{
    private readonly Lock _lock = new();
    private int _calls;
    private string? _failingVolume;

    /// <summary>The call that failed first; null when there were fewer than n.</summary>
    public DiskCall? Fired { get; private set; }

    public void Happen(DiskCall call)
    {
        lock (_lock)
        {
            if (mode is FaultMode.FullOnce or FaultMode.FullFromThenOn && !call.Writes)
            {
                return;
            }

            _calls++;
            if (_calls == n)
            {
                Fired = call;
                _failingVolume = volumes.FirstOrDefault(volume => call.Path.StartsWith(volume, StringComparison.Ordinal));
            }

            var fails = mode switch
            {
                FaultMode.Crash => _calls >= n,
                FaultMode.FullFromThenOn or FaultMode.ErrorFromThenOn =>
                    _failingVolume is { } volume && call.Path.StartsWith(volume, StringComparison.Ordinal),
                _ => _calls == n,
            };
            if (fails)
            {
                throw Error();
            }
        }
    }

    private IOException Error() => mode switch
    {
        FaultMode.Crash => new IOException("The process was killed."),
        FaultMode.FullOnce or FaultMode.FullFromThenOn => new IOException("No space left on device", Errno.NoSpace),
        _ => new IOException("Input/output error", Errno.IOError),
    };
}
