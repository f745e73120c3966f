using System.Text;
using System.Text.Json;
using Halley.Client.Accounts;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Jobs;

/// <summary>
/// The jobs of this machine on disk, for programs that only read them. Each job has a document (<c>.json</c>), a log with one line per
/// entry (<c>.log</c>) and, until the server has both, a mark (<c>.unsent</c>). Their names begin with a number that rises with each job.
/// </summary>
/// <param name="state">Where this machine remembers its account.</param>
public sealed class JobArchive(StateDirectory state)
{
    private const int MostBytesAtOnce = 512 * 1024;
    private const int MostLinesAtOnce = 10_000;
    private const string DocumentSuffix = ".json";
    private const string LogSuffix = ".log";
    private const string MarkSuffix = ".unsent";

    private readonly string _directory = Path.Combine(state.Location, "jobs");

    /// <summary>All jobs, the newest first. A document that is damaged is left out.</summary>
    public IEnumerable<BackupJobDetail> Read() => Names().Reverse().Select(ReadDocument).OfType<BackupJobDetail>();

    /// <summary>The job with this id; null when this machine does not have it.</summary>
    public BackupJobDetail? Find(Guid id) => NameOf(id) is { } name ? ReadDocument(name) : null;

    /// <summary>The log of a job; empty when this machine does not have the job. A line that is not complete is left out.</summary>
    public IEnumerable<JobEntry> ReadLog(Guid id)
    {
        if (NameOf(id) is not { } name || !File.Exists(LogOf(name)))
        {
            yield break;
        }

        var options = new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete };
        using var lines = new StreamReader(LogOf(name), options);
        while (lines.ReadLine() is { } line)
        {
            if (ReadOrNull<JobEntry>(line) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The names of all jobs, the oldest first.</summary>
    internal IReadOnlyList<JobName> Names() => List(DocumentSuffix);

    /// <summary>The names of the jobs that the server does not have whole, the oldest first.</summary>
    internal IReadOnlyList<JobName> UnsentNames() => List(MarkSuffix);

    internal BackupJobDetail? ReadDocument(JobName name)
    {
        try
        {
            return ReadOrNull<BackupJobDetail>(File.ReadAllText(DocumentOf(name)));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // removed meanwhile, or never written because the machine failed
        }
    }

    /// <summary>Writes the document; it is durable on return.</summary>
    internal void Write(JobName name, BackupJobDetail job) => PrivateFile.Write(DocumentOf(name), CometJson.Write(job));

    /// <summary>Notes that the server does not have all of a job; durable on return.</summary>
    internal void MarkUnsent(JobName name) => PrivateFile.Write(MarkOf(name), "");

    /// <summary>Notes that the server has all of a job.</summary>
    internal void MarkSent(JobName name) => PrivateFile.Delete(MarkOf(name));

    /// <summary>
    /// Whole lines of a log from a position on, as a JSON array; no more than fit into a message. The end is that of the durable lines.
    /// </summary>
    internal (string Entries, int Lines, int Bytes) ReadLogPart(JobName name, long start, long end)
    {
        var buffer = new byte[Math.Min(MostBytesAtOnce, end - start)];
        using var file = File.OpenHandle(LogOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var part = buffer.AsSpan(0, RandomAccess.Read(file, buffer, start));
        var (bytes, lines) = (0, 0);
        while (lines < MostLinesAtOnce && part[bytes..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            bytes += length + 1;
            lines++;
        }

        var text = Encoding.UTF8.GetString(part[..Math.Max(0, bytes - 1)]);
        return ($"[{text.Replace('\n', ',')}]", lines, bytes); // a line break inside of an entry is escaped
    }

    /// <summary>Length of a log in bytes.</summary>
    internal long LengthOfLog(JobName name) => new FileInfo(LogOf(name)) is { Exists: true } log ? log.Length : 0;

    internal string LogOf(JobName name) => PathOf(name, LogSuffix);

    /// <summary>Removes the oldest jobs that the server has, so that this many remain.</summary>
    internal void Prune(int kept)
    {
        var names = Names();
        var unsent = UnsentNames().ToHashSet();
        foreach (var name in names.Take(names.Count - kept).Where(name => !unsent.Contains(name)))
        {
            PrivateFile.Delete(LogOf(name));
            PrivateFile.Delete(DocumentOf(name));
        }
    }

    private JobName? NameOf(Guid id) => Names().FirstOrDefault(name => name.Id == id);

    private List<JobName> List(string suffix)
    {
        try
        {
            return [.. Directory.EnumerateFiles(_directory, $"*{suffix}")
                .Select(path => JobName.Parse(Path.GetFileNameWithoutExtension(path))).OfType<JobName>().OrderBy(name => name.Number)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static T? ReadOrNull<T>(string json)
        where T : class
    {
        try
        {
            return CometJson.Read<T>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string DocumentOf(JobName name) => PathOf(name, DocumentSuffix);

    private string MarkOf(JobName name) => PathOf(name, MarkSuffix);

    private string PathOf(JobName name, string suffix) => Path.Combine(_directory, $"{name}{suffix}");
}
