using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;

namespace Halley.Client.Agent.Jobs;

/// <summary>
/// A job of this machine while it runs. Its document and its log are on disk before the server gets them. Thread-safe. After
/// <see cref="Complete"/> nothing changes any more: later calls have no effect.
/// </summary>
#pragma warning disable CA1001 // a source without a timer holds nothing that must be released, and its token is used after the end
public sealed class JobRecord
#pragma warning restore CA1001
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly JobHistory _history;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly BackupJobDetail _detail;
    private readonly JobLog _log;
    private long _savedAt;
    private bool _isSaved = true;
    private long _logLength;
    private bool _hasEnded;

    // The document is on disk already.
    internal JobRecord(JobHistory history, JobName name, BackupJobDetail detail, TimeProvider time)
    {
        (_history, Name, _detail, _time) = (history, name, detail, time);
        _log = JobLog.Open(history.Archive.LogOf(name));
        _savedAt = time.GetTimestamp();
        Cancelled = _cancelled.Token;
    }

    /// <summary>Its id.</summary>
    public Guid Id => Name.Id;

    /// <summary>Cancelled when an administrator or the user cancels the job, or when the agent stops.</summary>
    public CancellationToken Cancelled { get; }

    internal JobName Name { get; }

    /// <summary>A copy of its document.</summary>
    public BackupJobDetail Read()
    {
        lock (_lock)
        {
            return CometJson.Copy(_detail);
        }
    }

    /// <summary>
    /// Changes its document. The change reaches the disk and the server within seconds; the counter of the progress rises by itself.
    /// </summary>
    public void Change(Action<BackupJobDetail> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            change(_detail);
            Count();
            _isSaved = false;
            if (_time.GetElapsedTime(_savedAt) >= SaveInterval)
            {
                Save();
            }
        }

        _history.Signal();
    }

    /// <summary>Appends a line to its log.</summary>
    public void Log(JobSeverity severity, string message)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            _log.Append(Now(), severity, message);
        }

        _history.Signal();
    }

    /// <summary>Ends the job. Document and log are durable on return.</summary>
    public void Complete(JobStatus status)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            _logLength = _log.Flush();
            _log.Dispose();
            _detail.Status = status;
            _detail.EndTime = Math.Max(_detail.StartTime, Now());
            _detail.CancellationID = "";
            Count();
            Save();
            _hasEnded = true;
        }

        _history.End(this);
    }

    /// <summary>Cancels the job; the reason becomes a line of its log.</summary>
    internal void Cancel(string reason)
    {
        if (!_cancelled.IsCancellationRequested)
        {
            Log(JobSeverity.Warning, reason);
            _cancelled.Cancel();
        }
    }

    /// <summary>
    /// A copy of the document, and the length of the log in bytes. The server may get both: they are durable.
    /// </summary>
    internal (BackupJobDetail Detail, long LogLength) Flush()
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                _logLength = _log.Flush();
                if (!_isSaved)
                {
                    Save();
                }
            }

            return (CometJson.Copy(_detail), _logLength);
        }
    }

    private void Count()
    {
        _detail.Progress.Counter++;
        _detail.Progress.SentTime = Now();
    }

    private void Save()
    {
        _history.Archive.Write(Name, _detail);
        (_isSaved, _savedAt) = (true, _time.GetTimestamp());
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();
}
