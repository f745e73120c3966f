using System.Xml.Linq;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads the settings of Ahsay OBM and ACB 6: one element BACKUP_SET for each backup set.</summary>
internal sealed class AhsayReader(ImportDraft draft)
{
    // Elements that are read, or that have no meaning outside of that program.
    private static readonly string[] Known =
    [
        "SEL-SOURCE", "SELECTED_SOURCE", "DE-SOURCE", "DESELECTED_SOURCE", "FILTER", "PRE_CMD", "POST_CMD", "DAILY_SCHEDULE",
        "WEEKLY_SCHEDULE", "MONTHLY_SCHEDULE", "CUSTOM_SCHEDULE", "RETENTION_POLICY", "EXTRA_LOCAL_BACKUP", "ENCRYPTING_KEY",
    ];

    /// <summary>True when a file has backup sets of this program.</summary>
    public static bool IsProfile(string file)
    {
        try
        {
            return Sets(SettingsXml.Read(file)).Any();
        }
        catch (Exception error) when (error is ImportException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Read(string file)
    {
        foreach (var set in Sets(SettingsXml.Read(file)))
        {
            ReadSet(set);
        }

        if (draft.Plan.Lines.Count == 0)
        {
            throw new ImportException($"{file} has no backup sets.");
        }
    }

    private static IEnumerable<XElement> Sets(XElement root) =>
        root.DescendantsAndSelf().Where(element => element.Name.LocalName is "BACKUP_SET");

    private void ReadSet(XElement set)
    {
        var (name, type) = (set.Text("NAME"), set.Text("TYPE").ToUpperInvariant());
        var place = $"backup set {name}";
        var item = type switch
        {
            "FILE" => Files(place, name, set),
            "MYSQL" => MySql(place, name, set),
            "MSSQL" => SqlServer(place, name, set),
            _ => null,
        };
        if (item is null)
        {
            if (type is not ("FILE" or "MSSQL" or "MYSQL"))
            {
                draft.NotImported(place, $"Backup sets of the type {type} are not supported. File, MySQL and Microsoft SQL Server are.");
            }

            return;
        }

        ReadCommands(place, set, item);
        var retention = Retention(place, set.All("RETENTION_POLICY").FirstOrDefault());
        var rule = Rule(place, set);
        var local = set.All("EXTRA_LOCAL_BACKUP").FirstOrDefault(element => element.IsYes("ENABLED"));
        var vaults = new List<string>();
        if (LocalCopy($"{place}, local copy", local) is { } localVault)
        {
            vaults.Add(localVault);
            item.OverrideDestinationRetention[localVault] = local.IsYes("ENABLE_RETENTION") && local.Number("PERIOD") > 0
                ? Retention($"{place}, local copy", local)
                : retention;
        }

        if (local.IsYes("SKIP_OFFSITE_BACKUP"))
        {
            draft.Imported(place, "There is no backup offsite (\"Skip Offsite Backup\").");
        }
        else if (draft.Offsite(place) is { } offsite)
        {
            vaults.Add(offsite);
            item.OverrideDestinationRetention[offsite] = retention;
        }

        foreach (var other in set.Elements().Where(element => !Known.Contains(element.Name.LocalName.ToUpperInvariant()))
            .Select(element => element.Name.LocalName).Distinct(StringComparer.Ordinal))
        {
            draft.NotImported(place, $"The setting {other} has no counterpart.");
        }

        if (draft.AddItem(place, set.Text("ID") is { Length: > 0 } id ? id : name, item) is { } itemId)
        {
            vaults.ForEach(vault => draft.AddRule(name, itemId, vault, rule));
        }
    }

    private SourceConfig? Files(string place, string name, XElement set)
    {
        var item = ImportDraft.Files(name);
        foreach (var path in Paths(set, "SEL-SOURCE", "SELECTED_SOURCE"))
        {
            if (Path.IsPathRooted(path) || (path.Length > 2 && path[1] == ':'))
            {
                ImportDraft.Add(item, "INCLUDE", path);
                draft.Imported(place, $"Backs up {path}.");
            }
            else
            {
                draft.NotImported(place, $"The selection {path} is a macro, such as the desktop or documents. Select its folder.");
            }
        }

        foreach (var path in Paths(set, "DE-SOURCE", "DESELECTED_SOURCE"))
        {
            ImportDraft.Add(item, "EXCLUDE", PathGlob.Of(path));
            draft.Imported(place, $"Leaves out {path}.");
        }

        foreach (var filter in set.All("FILTER"))
        {
            draft.NotImported(place, $"The filter '{filter.Text("NAME")}' is not supported. Add exclusions to the protected item.");
        }

        if (item.EngineProps.Keys.Any(key => key.StartsWith("INCLUDE", StringComparison.Ordinal)))
        {
            return item;
        }

        draft.NotImported(place, "No file or folder is left that it would back up.");
        return null;
    }

    private SourceConfig MySql(string place, string name, XElement set)
    {
        var (host, port) = (set.Text("HOST"), set.Number("PORT") ?? 3306);
        var user = set.Text("ADMIN_USERNAME");
        var databases = Paths(set, "SEL-SOURCE", "SELECTED_SOURCE").Select(path => path.Trim('/', '\\').Split('/', '\\')[^1])
            .Where(database => database.Length > 0 && !database.Equals("MySQL", StringComparison.OrdinalIgnoreCase)).ToList();
        var command = $"mysqldump --single-transaction --routines --host={Quote(host.Length > 0 ? host : "localhost")} --port={port}"
            + (user.Length > 0 ? $" --user={Quote(user)}" : "")
            + (databases.Count > 0 ? $" --databases {string.Join(' ', databases.Select(Quote))}" : " --all-databases");
        draft.Changed(
            place,
            "MySQL is backed up as the output of mysqldump. Its password is not imported: write it into ~/.my.cnf of the user that runs "
            + "the agent.");
        return new SourceConfig
        {
            Engine = "engine1/stdout",
            Description = name,
            EngineProps = { ["COMMAND"] = command, ["SAVEAS"] = "mysql.sql" },
        };
    }

    private SourceConfig? SqlServer(string place, string name, XElement set)
    {
        // A selection is INSTANCE or INSTANCE/DATABASE below the node of the program.
        var selected = Paths(set, "SEL-SOURCE", "SELECTED_SOURCE").Select(path => path.Trim('/', '\\').Split('/', '\\'))
            .Select(parts => parts[0].StartsWith("Microsoft SQL Server", StringComparison.OrdinalIgnoreCase) ? parts[1..] : parts)
            .ToList();
        if (selected.Count == 0 || selected.Exists(parts => parts.Length == 0))
        {
            draft.NotImported(place, "\"All instances\" is not supported. Select the instances in the other program, and import again.");
            return null;
        }

        var instances = selected.Select(parts => parts[0]).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var other in instances.Skip(1))
        {
            draft.NotImported(place, $"A protected item has one instance. Add another item for {other}.");
        }

        var item = new SourceConfig { Engine = "engine1/mssql", Description = name, EngineProps = { ["INSTANCE"] = instances[0] } };
        var databases = selected.Where(parts => parts.Length > 1 && parts[0] == instances[0]).Select(parts => parts[1]).ToList();
        if (databases.Count == 0)
        {
            item.EngineProps["ALL_DATABASES"] = "1";
        }

        databases.ForEach(database => ImportDraft.Add(item, "DATABASE", database));
        draft.Changed(
            place, "SQL Server needs a client on Windows that has this engine. The sign-in is not imported: set it in the protected item.");
        return item;
    }

    private void ReadCommands(string place, XElement set, SourceConfig item)
    {
        foreach (var command in set.All("PRE_CMD"))
        {
            item.PreExec.Add(CommandOf(place, command));
        }

        foreach (var command in set.All("POST_CMD"))
        {
            item.PostExec.Add(CommandOf(place, command));
        }

        if (item.PreExec.Count + item.PostExec.Count > 0)
        {
            draft.Imported(
                place,
                $"{item.PreExec.Count} commands before and {item.PostExec.Count} after the backup, for the protected item rather than its "
                + "vault or schedule.");
        }
    }

    private string CommandOf(string place, XElement command)
    {
        if (command.IsYes("STOP_ON_FAILURE"))
        {
            draft.Changed(place, $"The command '{command.Text("NAME")}' no longer stops the backup when it fails; that is a warning.");
        }

        var path = command.Text("PATH");
        return command.Text("WORKING_DIR") is { Length: > 0 } folder ? $"cd {Quote(folder)} && {path}" : path;
    }

    private RetentionPolicy Retention(string place, XElement? element)
    {
        if (element.All("RETENTION_SETTING").Any())
        {
            draft.Changed(place, "Advanced retention is not supported, so all backups are kept. Set the retention of the protected item.");
            return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
        }

        var (unit, period) = (element.Text("UNIT").ToUpperInvariant(), element.Number("PERIOD") ?? 0);
        if (period <= 0 || unit is not ("DAYS" or "JOBS"))
        {
            draft.Changed(place, "It has no retention of days or jobs, so all backups are kept.");
            return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
        }

        draft.Imported(place, $"Retention of {period} {(unit == "DAYS" ? "days" : "jobs")}.");
        return new RetentionPolicy
        {
            Mode = RetentionPolicy.KeepRanges,
            Ranges = [unit == "DAYS" ? new() { Type = 902, Days = period } : new() { Type = 900, Jobs = period }],
        };
    }

    private BackupRuleConfig Rule(string place, XElement set)
    {
        var rule = new BackupRuleConfig { SkipAlreadyRunning = true };
        var elements = set.All("DAILY_SCHEDULE", "WEEKLY_SCHEDULE", "MONTHLY_SCHEDULE", "CUSTOM_SCHEDULE").ToList();
        var schedules = new AhsaySchedules(draft);
        rule.Schedules.AddRange(elements.Select(element => schedules.Read(place, element)).OfType<ScheduleConfig>());
        var hours = elements.Select(element => element.Number("DURATION") ?? -1).Distinct().ToList();
        if (hours is [> 0 and var limit])
        {
            rule.StopAfter = limit * 3600;
            draft.Imported(place, $"A backup is stopped after {limit} hours.");
        }
        else if (hours.Exists(count => count > 0))
        {
            draft.NotImported(place, "The schedules limit the duration differently, which one rule cannot. No limit is imported.");
        }

        return rule;
    }

    private string? LocalCopy(string place, XElement? local)
    {
        if (local is null)
        {
            return null;
        }

        var path = local.Text("BACKUP_TO");
        if (path.Length == 0)
        {
            draft.NotImported(place, "It has no folder.");
            return null;
        }

        var vault = new DestinationConfig
        {
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = path,
            Description = $"Local copy in {path}",
        };
        var id = draft.AddVault(place, vault);
        if (id is not null && draft.Plan.Vaults.ContainsKey(id))
        {
            draft.Changed(
                place, $"A vault in {path}, with a key of the account. The backups of the other program there are not converted.");
        }

        return id;
    }

    private static List<string> Paths(XElement set, params string[] names) => [.. set.All(names)
        .Select(element => element.Text("PATH") is { Length: > 0 } path ? path : element.Value.Trim()).Where(path => path.Length > 0)];

    private static string Quote(string text) =>
        text.All(letter => char.IsAsciiLetterOrDigit(letter) || "_.-/:".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
