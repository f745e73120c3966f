using System.Threading.Channels;
using Halley.Client.Accounts;
using Halley.Protocol.Jobs;

namespace Halley.Client.Agent.Jobs;

/// <summary>
/// The jobs of this machine: makes records, knows which run, and which the server does not have yet. Only one program at a time may have
/// it open. Thread-safe.
/// </summary>
public sealed class JobHistory
{
    private const int Kept = 2000;
    private const int StartsBetweenPrunings = 100;

    private readonly Lock _lock = new();
    private readonly StateDirectory _state;
    private readonly string _clientVersion;
    private readonly TimeProvider _time;
    private readonly Dictionary<Guid, JobRecord> _running = [];
    private readonly SortedList<long, UnsentJob> _unsent = [];
    private readonly Channel<bool> _news =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _lastNumber;
    private int _starts;

    private JobHistory(StateDirectory state, string clientVersion, TimeProvider time)
    {
        (_state, _clientVersion, _time) = (state, clientVersion, time);
        Archive = new JobArchive(state);
    }

    /// <summary>All jobs as they are on disk, with their logs.</summary>
    public JobArchive Archive { get; }

    /// <summary>The jobs that run now, in no order.</summary>
    public IReadOnlyList<JobRecord> Running
    {
        get
        {
            lock (_lock)
            {
                return [.. _running.Values];
            }
        }
    }

    /// <summary>Has an element when there may be something new for the server.</summary>
    internal ChannelReader<bool> News => _news.Reader;

    /// <summary>The jobs of which the server does not have everything, the oldest first.</summary>
    internal IReadOnlyList<UnsentJob> Unsent
    {
        get
        {
            lock (_lock)
            {
                return [.. _unsent.Values];
            }
        }
    }

    /// <summary>
    /// Opens the history of this machine. A job that was running when the program or the machine failed has failed, and its log says so.
    /// </summary>
    /// <param name="state">Where this machine remembers its account.</param>
    /// <param name="clientVersion">Version of the client, for the documents.</param>
    /// <param name="time">The clock.</param>
    public static JobHistory Open(StateDirectory state, string clientVersion, TimeProvider time)
    {
        var history = new JobHistory(state, clientVersion, time);
        history._lastNumber = history.Archive.Names() is [.., var last] ? last.Number : 0;
        foreach (var name in history.Archive.UnsentNames())
        {
            history.Recover(name);
        }

        history.Archive.Prune(Kept);
        history.Signal();
        return history;
    }

    /// <summary>
    /// Starts a job, which is durable on return. The record adds what every job has and the caller leaves empty: id, user, device, version
    /// of the client, time, status <see cref="JobStatus.Running"/>, and the id by which it can be cancelled.
    /// </summary>
    /// <exception cref="AccountException">This machine is not signed in.</exception>
    public JobRecord Start(BackupJobDetail detail)
    {
        ArgumentNullException.ThrowIfNull(detail);
        var account = _state.RequireAccount();
        var now = _time.GetUtcNow();
        var id = detail.GUID.Length > 0 ? Guid.ParseExact(detail.GUID, "D") : Guid.CreateVersion7(now);
        detail.GUID = $"{id:D}";
        (detail.Username, detail.DeviceID, detail.ClientVersion) = (account.Username, account.DeviceId, _clientVersion);
        detail.StartTime = detail.StartTime > 0 ? detail.StartTime : now.ToUnixTimeSeconds();
        detail.EndTime = 0;
        detail.Status = detail.Status.IsRunning() ? detail.Status : JobStatus.Running;
        detail.CancellationID = detail.CancellationID.Length > 0 ? detail.CancellationID : $"{Guid.NewGuid():D}";
        JobRecord record;
        lock (_lock)
        {
            if (++_starts % StartsBetweenPrunings == 0)
            {
                Archive.Prune(Kept);
            }

            var name = new JobName(++_lastNumber, id);
            Archive.MarkUnsent(name);
            Archive.Write(name, detail);
            record = new JobRecord(this, name, detail, _time);
            _running.Add(id, record);
            _unsent.Add(name.Number, new UnsentJob(name) { Record = record });
        }

        Signal();
        return record;
    }

    /// <summary>The job with this id, if it runs; otherwise null.</summary>
    public JobRecord? FindRunning(Guid id)
    {
        lock (_lock)
        {
            return _running.GetValueOrDefault(id);
        }
    }

    /// <summary>Cancels a job; false when none with this id and this cancellation id runs.</summary>
    public bool TryCancel(Guid id, string cancellationId)
    {
        if (FindRunning(id) is not { } job || job.Read().CancellationID != cancellationId)
        {
            return false;
        }

        job.Cancel("The job was cancelled.");
        return true;
    }

    /// <summary>Tells the sender that there may be something new.</summary>
    internal void Signal() => _news.Writer.TryWrite(true);

    internal void End(JobRecord record)
    {
        lock (_lock)
        {
            _running.Remove(record.Id);
            if (_unsent.TryGetValue(record.Name.Number, out var unsent))
            {
                unsent.Record = null;
            }
        }

        Signal();
    }

    /// <summary>Notes that the server has all of a job that has ended.</summary>
    internal void MarkSent(UnsentJob job)
    {
        Archive.MarkSent(job.Name);
        lock (_lock)
        {
            _unsent.Remove(job.Name.Number);
        }
    }

    private void Recover(JobName name)
    {
        if (Archive.ReadDocument(name) is not { } detail)
        {
            Archive.MarkSent(name); // the machine failed before the document was written: the job never started
            return;
        }

        _unsent.Add(name.Number, new UnsentJob(name));
        if (detail.EndTime == 0)
        {
            var record = new JobRecord(this, name, detail, _time);
            record.Log(JobSeverity.Error, "The job was interrupted: the agent or the machine stopped without warning.");
            record.Complete(JobStatus.Error);
        }
    }
}

/// <summary>A job of which the server does not have everything, and what it has as far as this program knows.</summary>
internal sealed class UnsentJob(JobName name)
{
    public JobName Name => name;

    /// <summary>The record while the job runs; null when it has ended.</summary>
    public JobRecord? Record { get; set; }

    /// <summary>The counter of the document that was sent last; -1 when none was.</summary>
    public long CounterSent { get; set; } = -1;

    /// <summary>Lines of the log that were sent.</summary>
    public long LinesSent { get; set; }

    /// <summary>Bytes of the log that were sent.</summary>
    public long BytesSent { get; set; }
}
