namespace Halley.Cli.Output;

/// <summary>Time, share and remaining time of work, and when it is worth telling again. For one thread at a time.</summary>
internal sealed class Progress
{
    private readonly Terminal _terminal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _told;

    public Progress(Terminal terminal, TimeProvider time)
    {
        (_terminal, _time) = (terminal, time);
        _start = _told = time.GetTimestamp();
    }

    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>True when it is time to tell how far the work is.</summary>
    public bool IsDue()
    {
        if (_terminal.ProgressEvery is not { } every || _time.GetElapsedTime(_told) < every)
        {
            return false;
        }

        _told = _time.GetTimestamp();
        return true;
    }

    /// <summary>Shows how many packs are done.</summary>
    public void ShowPacks(int done, int all)
    {
        if (!_terminal.IsJson && IsDue())
        {
            _terminal.Show($"[{Text.Duration(Elapsed)}] {100.0 * done / Math.Max(1, all):0.0} %, {done} of {all} packs");
        }
    }

    /// <summary>Time that the rest takes if it goes on like this; null when nobody can say.</summary>
    public TimeSpan? Remaining(double share) =>
        share is > 0.005 and < 1 && Elapsed > TimeSpan.FromSeconds(2) ? Elapsed * ((1 - share) / share) : null;

    /// <summary>The line that is shown.</summary>
    /// <param name="share">What is done, from 0 to 1; null when the whole is not known.</param>
    /// <param name="what">What is done, in words.</param>
    /// <param name="bytes">Bytes that are done, for the rate.</param>
    public string Line(double? share, string what, long bytes)
    {
        var done = share is { } known ? $"{Math.Floor(known * 1000) / 10,5:0.0} % " : "";
        var left = share is { } part && Remaining(part) is { } remaining ? $", {Text.Duration(remaining)} left" : "";
        var rate = Elapsed > TimeSpan.FromSeconds(1) ? $", {Text.Bytes((long)(bytes / Elapsed.TotalSeconds))}/s" : "";
        return $"[{Text.Duration(Elapsed)}] {done}{what}{rate}{left}";
    }
}
