using System.Text;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Jobs;

/// <summary>The log of a job while it runs: a file to which lines are appended. Not thread-safe.</summary>
internal sealed class JobLog : IDisposable
{
    private const int MostLines = 100_000;
    private const int LongestMessage = 16 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _file;
    private bool _isFlushed = true;

    private JobLog(FileStream file) => _file = file;

    public int Lines { get; private set; }

    /// <summary>Opens the log; a line that a crash has left unfinished is removed.</summary>
    public static JobLog Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var log = new JobLog(new FileStream(path, options));
        log.SkipToEnd();
        return log;
    }

    public void Append(long time, JobSeverity severity, string message)
    {
        if (Lines == MostLines)
        {
            return;
        }

        Lines++;
        var entry = Lines == MostLines
            ? new JobEntry { Time = time, Severity = "W", Message = $"The log has {MostLines} lines. Further lines are not kept." }
            : new JobEntry { Time = time, Severity = LetterOf(severity), Message = Shorten(message) };
        _file.Write(Encoding.UTF8.GetBytes($"{CometJson.Write(entry)}\n"));
        _isFlushed = false;
    }

    /// <summary>Makes all lines durable, and returns their length in bytes.</summary>
    public long Flush()
    {
        if (!_isFlushed)
        {
            DeviceFlush.Run(_file.SafeFileHandle);
            _isFlushed = true;
        }

        return _file.Position;
    }

    public void Dispose() => _file.Dispose();

    private void SkipToEnd()
    {
        var buffer = new byte[16 * 1024];
        var (position, end) = (0L, 0L);
        while (_file.Read(buffer) is > 0 and var read)
        {
            Lines += buffer.AsSpan(0, read).Count((byte)'\n');
            end = buffer.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var last ? position + last + 1 : end;
            position += read;
        }

        _file.SetLength(end);
        _file.Position = end;
    }

    private static string Shorten(string message) => message.Length <= LongestMessage ? message : message[..LongestMessage];

    private static string LetterOf(JobSeverity severity) => severity switch
    {
        JobSeverity.Debug => "D",
        JobSeverity.Info => "I",
        JobSeverity.Warning => "W",
        _ => "E",
    };
}
