namespace Halley.Client.Agent;

/// <summary>
/// Passes a warning on once for as long as the reason stays the same, so that a fault of days does not fill a log. Thread-safe.
/// </summary>
/// <param name="warn">Receives the warnings.</param>
internal sealed class WarnOnce(Action<string> warn)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);

    /// <summary>Warns about a subject, unless this was the last warning about it.</summary>
    public void Warn(string subject, string message)
    {
        lock (_lock)
        {
            if (_last.TryGetValue(subject, out var last) && last == message)
            {
                return;
            }

            _last[subject] = message;
        }

        warn(message);
    }

    /// <summary>Notes that a subject is well: its next warning is news.</summary>
    public void Clear(string subject)
    {
        lock (_lock)
        {
            _last.Remove(subject);
        }
    }
}
