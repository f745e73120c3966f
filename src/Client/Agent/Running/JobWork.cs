using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Repository;
using Halley.Protocol.Jobs;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>
/// A job at work: its log, its progress, and how it ends. A warning or an error in its log decides about the status, and so does the
/// exception that ended it. For all threads.
/// </summary>
internal sealed class JobWork : IDisposable
{
    private const int MostLinesOfKind = 1000;
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan CleansUpWithin = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopped;
    private readonly CancellationTokenSource _overdue = new();
    private readonly CancellationTokenSource _late = new();
    private readonly CancellationTokenRegistration _onCancel;
    private CancellationTokenSource? _timeout;
    private long _reported;
    private int _warnings;
    private int _errors;
    private JobStatus? _status;

    public JobWork(JobRecord record, bool showsFileNames, TimeProvider time)
    {
        (Record, ShowsFileNames, _time) = (record, showsFileNames, time);
        _stopped = CancellationTokenSource.CreateLinkedTokenSource(record.Cancelled);
        _onCancel = _stopped.Token.Register(() =>
        {
            _overdue.CancelAfter(EndsWithin);
            _late.CancelAfter(CleansUpWithin);
        });
        _reported = time.GetTimestamp();
    }

    public JobRecord Record { get; }

    /// <summary>False when names of files must not be in the log, because the server gets it.</summary>
    public bool ShowsFileNames { get; }

    /// <summary>Cancelled when the job is cancelled or has run for too long.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Cancelled seconds later: then even the release of a lock must not wait for a server that is offline.</summary>
    public CancellationToken Late => _late.Token;

    /// <summary>True when it has run for too long.</summary>
    public bool IsTimedOut => _timeout?.IsCancellationRequested == true;

    /// <summary>The least serious lines that its log gets; what was not done counts for its end in any case.</summary>
    public JobSeverity LeastLogged { get; set; } = JobSeverity.Debug;

    /// <summary>Whether anything was not done.</summary>
    public bool HasErrors => Volatile.Read(ref _errors) > 0;

    /// <summary>Ends the job with <see cref="JobStatus.TimedOut"/> after some time; 0 for never.</summary>
    public void StopAfter(long seconds)
    {
        if (seconds <= 0)
        {
            return;
        }

        _timeout = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000)), _time);
        _timeout.Token.Register(_stopped.Cancel);
    }

    public void Debug(string message) => Write(JobSeverity.Debug, message);

    public void Info(string message) => Write(JobSeverity.Info, message);

    public void Warn(string message)
    {
        if (Interlocked.Increment(ref _warnings) is var count && count <= MostLinesOfKind)
        {
            Write(JobSeverity.Warning, message);
        }
    }

    public void Error(string message)
    {
        if (Interlocked.Increment(ref _errors) is var count && count <= MostLinesOfKind)
        {
            Write(JobSeverity.Error, message);
        }
    }

    public void Log(JobSeverity severity, string message)
    {
        switch (severity)
        {
            case JobSeverity.Warning: Warn(message); break;
            case JobSeverity.Error: Error(message); break;
            default: Write(severity, message); break;
        }
    }

    /// <summary>A warning about a file.</summary>
    public void WarnOf(string path, string message) => Warn(TextOf(path, message));

    /// <summary>An error about a file.</summary>
    public void ErrorOf(string path, string message) => Error(TextOf(path, message));

    /// <summary>Reports how far it is, once a second at most.</summary>
    public void Report(long bytesDone, long itemsDone, long itemsTotal, Action<BackupJobDetail>? further = null)
    {
        var last = Volatile.Read(ref _reported);
        if (_time.GetElapsedTime(last) >= ReportEvery
            && Interlocked.CompareExchange(ref _reported, _time.GetTimestamp(), last) == last)
        {
            Record.Change(job =>
            {
                (job.Progress.BytesDone, job.Progress.ItemsDone, job.Progress.ItemsTotal) = (bytesDone, itemsDone, itemsTotal);
                further?.Invoke(job);
            });
        }
    }

    /// <summary>Notes that the job has failed, and why.</summary>
    public void Fail(Exception error) => _status = StatusOf(error);

    /// <summary>
    /// Runs the work and completes the job, however the work ends. A job that is stopped ends within a second; what its work still has to
    /// clean up, such as locks, is done afterwards.
    /// </summary>
    public async Task RunAsync(Func<JobWork, Task> run)
    {
        var work = RunToEndAsync(run);
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, _overdue.Token));
        Complete();
        await work;
    }

    public void Dispose()
    {
        _onCancel.Dispose();
        _timeout?.Dispose();
        _stopped.Dispose();
        _overdue.Dispose();
        _late.Dispose();
    }

    private string TextOf(string path, string message) => ShowsFileNames ? $"{path}: {message}" : $"A file or folder: {message}";

    private void Write(JobSeverity severity, string message)
    {
        if (severity >= LeastLogged)
        {
            Record.Log(severity, message);
        }
    }

    private async Task RunToEndAsync(Func<JobWork, Task> run)
    {
        try
        {
            await run(this);
        }
        catch (OperationCanceledException) when (Stopped.IsCancellationRequested)
        {
            // The log says already who cancelled it.
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    private void Complete()
    {
        if (Math.Max(_warnings, _errors) > MostLinesOfKind)
        {
            Record.Log(JobSeverity.Warning, $"There were {_warnings} warnings and {_errors} errors; the log has the first ones.");
        }

        Record.Complete(
            Record.Cancelled.IsCancellationRequested ? JobStatus.Cancelled
            : IsTimedOut ? JobStatus.TimedOut
            : _status ?? (_errors > 0 ? JobStatus.Error : _warnings > 0 ? JobStatus.Warning : JobStatus.Success));
    }

    private JobStatus StatusOf(Exception error)
    {
        switch (error)
        {
            case JobStop stop:
                Log(stop.Status is JobStatus.Skipped ? JobSeverity.Info : JobSeverity.Error, stop.Message);
                return stop.Status;
            case VaultException { Fault: VaultFault.NoSpace }:
                Error(error.Message);
                return JobStatus.QuotaExceeded;
            case VaultException or BlobStoreException or AccountException or RunnerException or IOException or UnauthorizedAccessException
                or HttpRequestException or PlatformNotSupportedException:
                Error(error.Message);
                return JobStatus.Error;
            default:
                Error($"The job failed because of a mistake in the program: {error}");
                return JobStatus.Error;
        }
    }
}
