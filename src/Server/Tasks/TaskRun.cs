using System.Text.Json;
using Halley.Storage;

namespace Halley.Server.Tasks;

/// <summary>A task at work: what it was asked for, and how far it has come. What it says here is stored every few seconds.</summary>
internal sealed class TaskRun(TaskRecord record, Pace pace, TimeProvider time)
{
    private static readonly TimeSpan RateSpan = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly Queue<(long At, long Bytes)> _marks = new();
    private readonly List<TaskLogLine> _lines = [];
    private string? _checkpoint = record.Checkpoint;
    private long _files = record.FilesDone;
    private long _bytes = record.BytesDone;
    private long? _filesTotal = record.FilesTotal;
    private long? _bytesTotal = record.BytesTotal;

    public Guid Id => record.Id;

    /// <summary>What it works on, see <see cref="Halley.Protocol.TaskInfo.Subject"/>.</summary>
    public string Subject => record.Subject;

    public string CreatedBy => record.CreatedBy;

    /// <summary>To be kept to by everything that reads or writes files.</summary>
    public Pace Pace => pace;

    public long FilesDone => Interlocked.Read(ref _files);

    public long BytesDone => Interlocked.Read(ref _bytes);

    public long? FilesTotal
    {
        get
        {
            lock (_lock)
            {
                return _filesTotal is { } total ? Math.Max(total, FilesDone) : null;
            }
        }
    }

    public long? BytesTotal
    {
        get
        {
            lock (_lock)
            {
                return _bytesTotal is { } total ? Math.Max(total, BytesDone) : null;
            }
        }
    }

    /// <summary>Rate of the last seconds.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetTimestamp();
                _marks.Enqueue((now, BytesDone));
                while (_marks.Count > 1 && time.GetElapsedTime(_marks.Peek().At, now) > RateSpan)
                {
                    _marks.Dequeue();
                }

                var (at, bytes) = _marks.Peek();
                var seconds = time.GetElapsedTime(at, now).TotalSeconds;
                return seconds > 0 ? (long)((BytesDone - bytes) / seconds) : 0;
            }
        }
    }

    public long? SecondsLeft => BytesTotal is { } total && BytesPerSecond is > 0 and var rate ? (total - BytesDone + rate - 1) / rate : null;

    public T Parameters<T>() => JsonSerializer.Deserialize<T>(record.Parameters, JsonSerializerOptions.Web)
        ?? throw new TaskFailedException("The task was stored without its parameters. Cancel it and start a new one.");

    /// <summary>What <see cref="Keep"/> was given last, also before a crash a few seconds ago; null when there is nothing yet.</summary>
    public T? Checkpoint<T>()
        where T : class
    {
        lock (_lock)
        {
            return _checkpoint is null ? null : JsonSerializer.Deserialize<T>(_checkpoint, JsonSerializerOptions.Web);
        }
    }

    /// <summary>Where to go on after a stop. Stored within seconds, so the work since then may be done twice.</summary>
    public void Keep<T>(T checkpoint)
        where T : class
    {
        var text = JsonSerializer.Serialize(checkpoint, JsonSerializerOptions.Web);
        lock (_lock)
        {
            _checkpoint = text;
        }
    }

    /// <summary>How much there is to do besides what was done already.</summary>
    public void ExpectMore(long files, long bytes)
    {
        lock (_lock)
        {
            (_filesTotal, _bytesTotal) = (FilesDone + files, BytesDone + bytes);
        }
    }

    public void Done(long files, long bytes)
    {
        Interlocked.Add(ref _files, files);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>Adds a line to its log: a sentence for an administrator.</summary>
    public void Log(string text)
    {
        var line = new TaskLogLine { TaskId = Id, At = time.GetUtcNow().UtcDateTime, Text = text };
        lock (_lock)
        {
            _lines.Add(line);
        }
    }

    /// <summary>Puts what is to be stored into the row and gives the new lines of the log, which are new until <see cref="Saved"/> says otherwise.</summary>
    public IReadOnlyList<TaskLogLine> SaveTo(TaskRecord row)
    {
        (row.FilesTotal, row.BytesTotal, row.FilesDone, row.BytesDone) = (FilesTotal, BytesTotal, FilesDone, BytesDone);
        lock (_lock)
        {
            row.Checkpoint = _checkpoint;
            return [.. _lines.Select(line => new TaskLogLine { TaskId = line.TaskId, At = line.At, Text = line.Text })];
        }
    }

    /// <summary>So many lines of the log are stored.</summary>
    public void Saved(int lines)
    {
        lock (_lock)
        {
            _lines.RemoveRange(0, lines);
        }
    }
}
