using System.Globalization;
using Halley.Protocol.Settings;
using Halley.Server.Hosting;
using Halley.Server.Settings;
using Halley.Storage.Disk;

namespace Halley.Server.Events.Audit;

/// <summary>
/// Writes events to the files in the settings, as one JSON line each, in one file a day beside the server's log. After a failure or a
/// restart it writes the missing events later: possibly twice, but it never omits one.
/// </summary>
internal sealed partial class AuditFilesWork(
    EventList events, EventFeed feed, EventObjects objects, ServerSettings settings, DataDirectory directory, TimeProvider time,
    ILogger<AuditFilesWork> logger)
    : IDisposable
{
    private const int AtOnce = 500;
    private const string Day = "yyyy-MM-dd";
    private const string Ending = ".jsonl";
    private readonly SemaphoreSlim _writing = new(1);
    private long _position = -1;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteNewAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task WriteNewAsync(CancellationToken cancellationToken)
    {
        var files = settings.Current.AuditFileOptions.Values.ToList();
        if (files.Count == 0)
        {
            // A file that is added to the settings later begins then.
            _position = -1;
            File.Delete(Mark);
            return;
        }

        DataDirectory.Make(directory.Logs);
        if (_position < 0)
        {
            _position = ReadMark() ?? await feed.CatchUpAsync(cancellationToken);
            PrivateFile.Write(Mark, _position.ToString(CultureInfo.InvariantCulture));
        }

        List<EventRecord> found;
        do
        {
            found = await events.ReadAsync(EventTenant.All, _position, type: null, AtOnce, cancellationToken);
            if (found.Count > 0 && await TryWriteAsync(files, found, cancellationToken))
            {
                _position = found[^1].Sequence;
                PrivateFile.Write(Mark, _position.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                break;
            }
        }
        while (found.Count == AtOnce);
        files.ForEach(Prune);
    }

    private string Mark => Path.Combine(directory.Root, "audit-position");

    private long? ReadMark() =>
        File.Exists(Mark) && long.TryParse(File.ReadAllText(Mark), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? position
            : null;

    private async Task<bool> TryWriteAsync(List<FileOption> files, List<EventRecord> found, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in files)
            {
                var wanted = found.Where(record => file.AllowEventTypes.Count == 0 || file.AllowEventTypes.Contains(record.Type));
                foreach (var day in wanted.GroupBy(record => record.At.Date))
                {
                    var lines = new List<byte[]>();
                    foreach (var record in day)
                    {
                        lines.Add(EventWire.ToJson(await objects.ToCometAsync(record, file.Level, cancellationToken)));
                    }

                    Append(PathOf(file, day.Key), lines);
                }
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(failure);
            return false;
        }
    }

    private static void Append(string path, IEnumerable<byte[]> lines)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        foreach (var line in lines)
        {
            stream.Write(line);
            stream.WriteByte((byte)'\n');
        }
    }

    private void Prune(FileOption file)
    {
        if (!file.PruningEnabled || file.PruningLimit is <= 0 or > 100_000)
        {
            return;
        }

        var oldest = PathOf(file, time.GetUtcNow().UtcDateTime.Date.AddDays(-file.PruningLimit));
        foreach (var path in Directory.GetFiles(directory.Logs, $"{file.Filename}-????-??-??{Ending}")
            .Where(path => string.CompareOrdinal(Path.GetFileName(path), Path.GetFileName(oldest)) < 0))
        {
            File.Delete(path);
        }
    }

    private string PathOf(FileOption file, DateTime day) =>
        Path.Combine(directory.Logs, $"{file.Filename}-{day.ToString(Day, CultureInfo.InvariantCulture)}{Ending}");

    [LoggerMessage(LogEvents.AuditFileFailed, LogLevel.Error, "Events could not be written to the audit files and are written later")]
    private partial void LogNotWritten(Exception failure);
}
