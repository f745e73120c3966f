using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Client.Accounts;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Schedules;

/// <summary>
/// What the schedules of this machine remember across restarts, in <c>schedules.json</c>. It is saved before a backup starts, so that a
/// crash never makes a schedule that is due once run twice.
/// </summary>
internal sealed class ScheduleMemory
{
    /// <summary>Unix seconds; up to here all due times were considered. 0 before the first look.</summary>
    public long CheckedUntil { get; set; }

    /// <summary>The start of the machine whose boot triggers were carried out; empty before the first look.</summary>
    public string Boot { get; set; } = "";

    /// <summary>By id of the rule.</summary>
    public Dictionary<string, RuleMemory> Rules { get; set; } = [];

    /// <summary>The memory of a rule, which is made when there is none.</summary>
    public RuleMemory Of(string ruleId)
    {
        if (!Rules.TryGetValue(ruleId, out var rule))
        {
            Rules[ruleId] = rule = new RuleMemory();
        }

        return rule;
    }

    /// <summary>Reads it; a new one when there is none.</summary>
    /// <param name="state">Where this machine remembers its account.</param>
    /// <param name="isDamaged">True when the file cannot be read, so that a new one replaces it.</param>
    public static ScheduleMemory Read(StateDirectory state, out bool isDamaged)
    {
        isDamaged = false;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(state)), ScheduleJson.Default.ScheduleMemory) ?? new();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new();
        }
        catch (JsonException)
        {
            isDamaged = true;
            return new();
        }
    }

    /// <summary>Saves it; it is durable on return.</summary>
    public void Save(StateDirectory state) =>
        PrivateFile.Write(FileOf(state), JsonSerializer.SerializeToUtf8Bytes(this, ScheduleJson.Default.ScheduleMemory));

    private static string FileOf(StateDirectory state) => Path.Combine(state.Location, "schedules.json");
}

/// <summary>What is remembered of one rule.</summary>
internal sealed class RuleMemory
{
    /// <summary>A start that is due and waits for its random delay; null when none does.</summary>
    public PlannedStart? Planned { get; set; }

    /// <summary>True when the last time at which the rule was due passed without a start.</summary>
    public bool WasMissed { get; set; }

    /// <summary>Times of schedules of the kind once that are used up, in Unix seconds.</summary>
    public List<long> Once { get; set; } = [];

    /// <summary>True while a backup runs, so that one that was interrupted counts as failed after a restart.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Retries since the last scheduled start.</summary>
    public long Retries { get; set; }

    /// <summary>Unix seconds of the next retry; 0 for none.</summary>
    public long RetryAt { get; set; }
}

/// <summary>A start that was due.</summary>
/// <param name="Start">When it is to start, in Unix seconds.</param>
/// <param name="Latest">After this it counts as missed.</param>
internal sealed record PlannedStart(long Start, long Latest);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ScheduleMemory))]
internal sealed partial class ScheduleJson : JsonSerializerContext;
