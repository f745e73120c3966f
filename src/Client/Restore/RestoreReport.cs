namespace Halley.Client.Restore;

/// <summary>Counts what is done and passes it on. For all threads.</summary>
internal sealed class RestoreReport(RestoreOptions options)
{
    private const int EntriesBetweenProgress = 1000;

    private readonly Lock _gate = new();
    private readonly List<RestoreWarning> _warnings = [];
    private readonly long[] _actions = new long[Enum.GetValues<RestoreAction>().Length];
    private long _entries;
    private long _planned;
    private long _written;
    private long _warningCount;

    public void Warn(string path, string message, bool lacksContent = false)
    {
        lock (_gate)
        {
            var warning = new RestoreWarning(path, message, lacksContent);
            _warningCount++;
            if (_warnings.Count < RestoreResult.MostWarnings)
            {
                _warnings.Add(warning);
            }

            options.OnWarning?.Invoke(warning);
        }
    }

    public void Count(string path, RestoreAction action, ulong size)
    {
        lock (_gate)
        {
            _actions[(int)action]++;
            options.OnItem?.Invoke(new(path, action, size));
            if (++_entries % EntriesBetweenProgress == 0)
            {
                ReportProgress();
            }
        }
    }

    public void Plan(long bytes)
    {
        lock (_gate)
        {
            _planned += bytes;
            _written += options.IsDryRun ? bytes : 0;
        }
    }

    public void Write(long bytes)
    {
        lock (_gate)
        {
            _written += bytes;
        }
    }

    public void Progress()
    {
        lock (_gate)
        {
            ReportProgress();
        }
    }

    public RestoreResult ToResult() => new()
    {
        Created = _actions[(int)RestoreAction.Created],
        Updated = _actions[(int)RestoreAction.Updated],
        Unchanged = _actions[(int)RestoreAction.Unchanged],
        Kept = _actions[(int)RestoreAction.Kept],
        Deleted = _actions[(int)RestoreAction.Deleted],
        BytesWritten = _written,
        WarningCount = _warningCount,
        Warnings = _warnings,
    };

    private void ReportProgress() => options.OnProgress?.Invoke(new(_entries, _planned, _written));
}
