using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Client.Accounts;
using Halley.Protocol.Live;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Commands;

/// <summary>
/// The commands that this machine has got, each in a file, so that none is carried out twice, not even after a crash. Not thread-safe.
/// </summary>
internal sealed class CommandMemory(StateDirectory state)
{
    private const int LongestAnswer = 4096;
    private static readonly TimeSpan KeptAfterExpiry = TimeSpan.FromDays(2);

    private readonly string _directory = Path.Combine(state.Location, "commands");
    private readonly Dictionary<Guid, KnownCommand> _known = [];

    public IEnumerable<KnownCommand> All => _known.Values;

    /// <summary>
    /// Reads the commands of earlier programs. What was being carried out when the last one ended has failed.
    /// </summary>
    public void Load()
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(_directory, "*.json"))
        {
            if (Read(path) is { } saved)
            {
                var report = saved.Report.State == CommandStates.Accepted
                    ? saved.Report with
                    {
                        State = CommandStates.Failed,
                        Code = CommandCodes.Interrupted,
                        Message = "The agent stopped while it carried out the command.",
                    }
                    : saved.Report;
                _known[report.CommandId] = new KnownCommand(report, saved.ExpiresAt) { IsReported = true };
            }
        }
    }

    public KnownCommand? Find(Guid id) => _known.GetValueOrDefault(id);

    /// <summary>Remembers a command. It is durable on return; when it cannot be, the command is unknown as before.</summary>
    public KnownCommand Add(CommandReport report, DateTime expiresAt)
    {
        var known = new KnownCommand(report, expiresAt);
        Save(known);
        _known.Add(report.CommandId, known);
        return known;
    }

    /// <summary>Notes for this program alone that a command is refused.</summary>
    public void Refuse(CommandReport report) => _known[report.CommandId] = new KnownCommand(report, DateTime.MinValue);

    /// <summary>Remembers how a command stands.</summary>
    public void Update(KnownCommand known, CommandReport report)
    {
        known.Report = report;
        known.IsReported = false;
        Save(known);
    }

    /// <summary>Forgets commands that no server sends any more.</summary>
    public void Prune(DateTime now)
    {
        foreach (var known in _known.Values.Where(known => known.IsReported && known.ExpiresAt + KeptAfterExpiry < now).ToList())
        {
            PrivateFile.Delete(PathOf(known.Report.CommandId));
            _known.Remove(known.Report.CommandId);
        }
    }

    // A long answer is only kept until the server has it: it would be read again, not done again.
    private void Save(KnownCommand known)
    {
        var report = known.Report.Answer.Length <= LongestAnswer ? known.Report : Without(known.Report);
        PrivateFile.Write(
            PathOf(report.CommandId),
            JsonSerializer.SerializeToUtf8Bytes(new SavedCommand(report, known.ExpiresAt), CommandMemoryJson.Default.SavedCommand));
    }

    /// <summary>The report without an answer that is too long to be kept.</summary>
    public static CommandReport Forget(CommandReport report) =>
        report.Answer.Length <= LongestAnswer ? report : Without(report);

    private static CommandReport Without(CommandReport report) => report with
    {
        State = CommandStates.Failed,
        Answer = "",
        Code = CommandCodes.AnswerGone,
        Message = "The command was carried out, but its answer is not kept any more. Give the command again.",
    };

    private static SavedCommand? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CommandMemoryJson.Default.SavedCommand);
        }
        catch (JsonException)
        {
            return null; // written by another version
        }
    }

    private string PathOf(Guid id) => Path.Combine(_directory, $"{id:D}.json");
}

/// <summary>A command that this machine has got.</summary>
internal sealed class KnownCommand(CommandReport report, DateTime expiresAt)
{
    public DateTime ExpiresAt => expiresAt;

    public CommandReport Report { get; set; } = report;

    /// <summary>True when the server has the report.</summary>
    public bool IsReported { get; set; }

    /// <summary>Has the report sent once more, also while it is being sent.</summary>
    public void ReportAgain() => (Report, IsReported) = (Report with { }, false);
}

/// <summary>A command on disk.</summary>
internal sealed record SavedCommand(CommandReport Report, DateTime ExpiresAt);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SavedCommand))]
internal sealed partial class CommandMemoryJson : JsonSerializerContext;
