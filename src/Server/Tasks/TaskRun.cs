using System.Text.Json;
using Halley.Storage;

namespace Halley.Server.Tasks;

/// <summary>A running task: its request and its progress, which is stored every few seconds.</summary>
internal sealed class TaskRun(TaskRecord record, Pace pace, TimeProvider time)
{
    private static readonly TimeSpan RateSpan = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly Queue<(long At, long Done, long Spent)> _marks = new();
    private readonly List<TaskLogLine> _lines = [];
    private string? _checkpoint = record.Checkpoint;
    private long _files = record.FilesDone;
    private long _bytes = record.BytesDone;
    private long? _filesTotal = record.FilesTotal;
    private long? _bytesTotal = record.BytesTotal;

    public Guid Id => record.Id;

    /// <summary>What the task works on; see <see cref="Halley.Protocol.TaskInfo.Subject"/>.</summary>
    public string Subject => record.Subject;

    public string CreatedBy => record.CreatedBy;

    /// <summary>The pace for everything that reads or writes files for the task.</summary>
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

    /// <summary>Bytes a second over the last seconds, those of files that are not finished included.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetTimestamp();
                _marks.Enqueue((now, BytesDone, pace.BytesSpent));
                while (_marks.Count > 1 && time.GetElapsedTime(_marks.Peek().At, now) > RateSpan)
                {
                    _marks.Dequeue();
                }

                var (at, done, spent) = _marks.Peek();
                var seconds = time.GetElapsedTime(at, now).TotalSeconds;
                return seconds > 0 ? (long)(Math.Max(BytesDone - done, pace.BytesSpent - spent) / seconds) : 0;
            }
        }
    }

    public long? SecondsLeft =>
        BytesTotal is { } total && BytesPerSecond is > 0 and var rate ? (total - BytesDone + rate - 1) / rate : null;

    public T Parameters<T>() => JsonSerializer.Deserialize<T>(record.Parameters, JsonSerializerOptions.Web)
        ?? throw new TaskFailedException("The task was stored without its parameters. Cancel it and start a new one.");

    /// <summary>The last checkpoint that <see cref="Keep"/> stored, possibly before a crash; null if there is none yet.</summary>
    public T? Checkpoint<T>()
        where T : class
    {
        lock (_lock)
        {
            return _checkpoint is null ? null : JsonSerializer.Deserialize<T>(_checkpoint, JsonSerializerOptions.Web);
        }
    }

    /// <summary>
    /// Keeps a checkpoint from which to continue after a stop. It is stored within seconds, so the work since then may be repeated.
    /// </summary>
    public void Keep<T>(T checkpoint)
        where T : class
    {
        var text = JsonSerializer.Serialize(checkpoint, JsonSerializerOptions.Web);
        lock (_lock)
        {
            _checkpoint = text;
        }
    }

    /// <summary>Sets the amount of work that remains beyond what is already done.</summary>
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

    /// <summary>Adds a sentence for administrators to the log of the task.</summary>
    public void Log(string text)
    {
        var line = new TaskLogLine { TaskId = Id, At = time.GetUtcNow().UtcDateTime, Text = text };
        lock (_lock)
        {
            _lines.Add(line);
        }
    }

    /// <summary>Copies the progress to the row, and returns the log lines that <see cref="Saved"/> has not confirmed yet.</summary>
    public IReadOnlyList<TaskLogLine> SaveTo(TaskRecord row)
    {
        (row.FilesTotal, row.BytesTotal, row.FilesDone, row.BytesDone) = (FilesTotal, BytesTotal, FilesDone, BytesDone);
        lock (_lock)
        {
            row.Checkpoint = _checkpoint;
            return [.. _lines.Select(line => new TaskLogLine { TaskId = line.TaskId, At = line.At, Text = line.Text })];
        }
    }

    /// <summary>Confirms that the first lines of the log are stored.</summary>
    public void Saved(int lines)
    {
        lock (_lock)
        {
            _lines.RemoveRange(0, lines);
        }
    }
}
