using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Halley.Client.Selection;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>What the wrappers of restic have in common.</summary>
/// <param name="draft">The plan.</param>
/// <param name="folder">The folder of the settings, where relative paths begin.</param>
internal sealed partial class ResticWrapper(ImportDraft draft, string folder)
{
    /// <summary>A path with <c>~</c> and variables of the environment written out.</summary>
    public string PathOf(string text)
    {
        var expanded = Variable().Replace(text, match => Environment.GetEnvironmentVariable(match.Groups["name"].Value) ?? "");
        return expanded is "~" || expanded.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), expanded[1..])
            : expanded;
    }

    /// <summary>The vault at an address; null when it cannot be imported.</summary>
    public string? Vault(string place, string name, string? address, Func<string?> password)
    {
        if (string.IsNullOrEmpty(address))
        {
            draft.NotImported(place, "It names no repository.");
            return null;
        }

        if (!ResticRepository.TryRead(PathOf(address), folder, out var vault, out var placeKey))
        {
            var kind = address.Split(':')[0];
            draft.NotImported(
                place, $"This program cannot open repositories of the kind {kind} yet. Import again with --vault to use another vault.");
            return null;
        }

        vault.Description = name;
        if (draft.FindVault(place, vault) is { } known)
        {
            return known;
        }

        if (password() is not { } text)
        {
            draft.NotImported(
                place, "The password of the vault is in no file here. Add the vault with `halley vault add`, then import again.");
            return null;
        }

        if (draft.AddVault(place, vault) is not { } id)
        {
            return null;
        }

        draft.Plan.Repositories[id] = new ResticRepository(placeKey, text);
        draft.Imported(place, "The vault gets a key of the account beside its present password. Its snapshots stay.");
        return id;
    }

    /// <summary>The content of a file with a password; null when it cannot be read.</summary>
    public string? PasswordIn(string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return null;
        }

        var path = Path.GetFullPath(Path.Combine(folder, PathOf(file)));
        return File.Exists(path) ? File.ReadAllText(path).TrimEnd('\r', '\n') : null;
    }

    /// <summary>Where the environment of restic has the password; null when it does not.</summary>
    public string? PasswordIn(JsonNode? environment) =>
        environment.Field("RESTIC_PASSWORD").Text() ?? PasswordIn(environment.Field("RESTIC_PASSWORD_FILE").Text());

    /// <summary>Adds what an item backs up.</summary>
    public void Include(string place, SourceConfig item, IEnumerable<string> paths)
    {
        foreach (var path in paths.Select(PathOf))
        {
            ImportDraft.Add(item, "INCLUDE", Path.GetFullPath(Path.Combine(folder, path)));
            draft.Imported(place, $"Backs up {path}.");
        }
    }

    /// <summary>Adds globs of what an item leaves out.</summary>
    public void Exclude(string place, SourceConfig item, IEnumerable<string> globs)
    {
        foreach (var glob in globs.Select(PathOf))
        {
            if (glob.StartsWith('!'))
            {
                draft.NotImported(place, $"The exclusion '{glob}' takes in again what another one leaves out, which items do not do.");
                continue;
            }

            try
            {
                PathRule.Glob(glob);
                ImportDraft.Add(item, "EXCLUDE", glob);
                draft.Imported(place, $"Leaves out {glob}.");
            }
            catch (FormatException error)
            {
                draft.NotImported(place, error.Message);
            }
        }
    }

    /// <summary>Adds globs from files.</summary>
    public void ExcludeFrom(string place, SourceConfig item, IEnumerable<string> files)
    {
        foreach (var file in files.Select(name => Path.GetFullPath(Path.Combine(folder, PathOf(name)))))
        {
            if (File.Exists(file))
            {
                draft.Changed(place, $"The patterns of {file} are copied. Later changes of the file do not count.");
                Exclude(place, item, File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'));
            }
            else
            {
                draft.NotImported(place, $"The file {file} with exclusions does not exist.");
            }
        }
    }

    /// <summary>The schedules of texts that a parser reads.</summary>
    public List<ScheduleConfig> Schedules(string place, IEnumerable<string> texts, Func<string, List<ScheduleConfig>> read)
    {
        var all = new List<ScheduleConfig>();
        foreach (var text in texts)
        {
            try
            {
                var schedules = read(text);
                all.AddRange(schedules);
                draft.Imported(place, $"The schedule '{text}'.");
                if (schedules.Exists(schedule => schedule.FrequencyType == ScheduleFrequencies.Monthly
                    && schedule.SecondsPast >= 28 * 86_400))
                {
                    draft.Changed(place, $"The schedule '{text}' runs at the start of the next month after a month that lacks the day.");
                }
            }
            catch (FormatException error)
            {
                draft.NotImported(place, $"The schedule '{text}': {error.Message}.");
            }
        }

        return all;
    }

    /// <summary>Adds the item, and a rule for each of its vaults.</summary>
    public void Add(
        string place, string name, SourceConfig item, IReadOnlyList<string> vaults, RetentionPolicy retention, BackupRuleConfig rule)
    {
        if (item.Engine == ImportDraft.FileEngine && !item.EngineProps.Keys.Any(key => key.StartsWith("INCLUDE", StringComparison.Ordinal)))
        {
            draft.NotImported(place, "It backs up nothing.");
            return;
        }

        foreach (var vault in vaults)
        {
            item.OverrideDestinationRetention[vault] = retention;
        }

        if (draft.AddItem(place, name, item) is not { } id)
        {
            return;
        }

        if (rule.Schedules.Count == 0)
        {
            draft.Changed(place, "It has no schedule, so it runs when it is started by hand.");
        }

        rule.SkipAlreadyRunning = true;
        foreach (var vault in vaults)
        {
            draft.AddRule(item.Description, id, vault, rule);
        }
    }

    /// <summary>Reports settings that no reader knows.</summary>
    public void ReportRest(string place, JsonNode? settings, params string[] known)
    {
        foreach (var (name, _) in settings.Fields().Where(field => !known.Contains(field.Key)))
        {
            draft.NotImported(place, $"The setting {name} has no counterpart.");
        }
    }

    [GeneratedRegex(@"\$(?:\{(?<name>\w+)\}|(?<name>\w+))")]
    private static partial Regex Variable();
}
