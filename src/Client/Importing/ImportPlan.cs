using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>What became of one setting of another program.</summary>
public enum ImportVerdict
{
    /// <summary>It is imported as it is.</summary>
    Imported,

    /// <summary>It is imported with another meaning or form, or needs something to be done.</summary>
    Changed,

    /// <summary>It is not imported.</summary>
    NotImported,
}

/// <summary>A line of the report of an import.</summary>
/// <param name="Place">Where the setting is in the other program's configuration.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Message">The same for people, with the reason.</param>
public sealed record ImportLine(string Place, ImportVerdict Verdict, string Message);

/// <summary>
/// What an import adds to a profile. The ids are derived from the device and the names in the other program, so that a second import finds
/// what the first one added and leaves it as it is.
/// </summary>
public sealed class ImportPlan
{
    internal ImportPlan(ImportSource source) => Source = source;

    /// <summary>The other program.</summary>
    public ImportSource Source { get; }

    /// <summary>Protected items by id.</summary>
    public Dictionary<string, SourceConfig> Items { get; } = [];

    /// <summary>Vaults by id. They have no key yet.</summary>
    public Dictionary<string, DestinationConfig> Vaults { get; } = [];

    /// <summary>By id of the vault: those that restic has used, and how they open.</summary>
    public Dictionary<string, ResticRepository> Repositories { get; } = [];

    /// <summary>Backup rules by id.</summary>
    public Dictionary<string, BackupRuleConfig> Rules { get; } = [];

    /// <summary>One line for each setting that was found.</summary>
    public List<ImportLine> Lines { get; } = [];

    /// <summary>True when it adds nothing.</summary>
    public bool IsEmpty => Items.Count == 0 && Vaults.Count == 0 && Rules.Count == 0;

    /// <summary>Adds everything to a profile.</summary>
    public void ApplyTo(UserProfileConfig profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        AddTo(profile.Sources, Items);
        AddTo(profile.Destinations, Vaults);
        AddTo(profile.BackupRules, Rules);
    }

    private static void AddTo<T>(Dictionary<string, T> all, Dictionary<string, T> added)
    {
        foreach (var (id, value) in added)
        {
            all[id] = value;
        }
    }
}

/// <summary>The settings of a program cannot be imported. The message says why and what to do.</summary>
/// <param name="message">Why, for people.</param>
/// <param name="inner">The cause; null for none.</param>
public sealed class ImportException(string message, Exception? inner = null) : Exception(message, inner);
