using System.Xml.Linq;
using Halley.Client.Selection;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads the settings of CrashPlan: <c>my.service.xml</c>.</summary>
internal sealed class CrashPlanReader(ImportDraft draft)
{
    private static readonly string ThisSystem =
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macintosh" : "linux";

    public void Read(string file)
    {
        var root = SettingsXml.Read(file);
        var config = root.All("serviceBackupConfig").All("backupConfig").FirstOrDefault();
        var local = root.All("socialNetworkConfig").All("computerConfigs").All("computerConfig")
            .Where(computer => computer.Text("manifestPath").Length > 0)
            .ToDictionary(computer => computer.Text("id"), computer => computer.Text("manifestPath"), StringComparer.Ordinal);
        var sets = config.All("backupSets").All("backupSet").ToList();
        if (sets.Count == 0)
        {
            throw new ImportException($"{file} has no backup sets.");
        }

        foreach (var set in sets)
        {
            ReadSet(set, config!, local);
        }
    }

    private void ReadSet(XElement set, XElement config, Dictionary<string, string> local)
    {
        var name = set.Text("name") is { Length: > 0 } text ? text : $"Backup set {set.Text("id")}";
        var place = $"backup set {name}";
        var item = ImportDraft.Files(name);
        ReadPaths(place, set, item);
        ReadExclusions(place, set.All("backupPaths").All("excludeUser"), item);
        ReadExclusions(place, config.All("excludeSystem", "hostSystemExcludes"), item);
        if (!item.EngineProps.Keys.Any(key => key.StartsWith("INCLUDE", StringComparison.Ordinal)))
        {
            draft.NotImported(place, "It backs up nothing.");
            return;
        }

        var window = CrashPlanWindow.Read(draft, $"{place}, schedule", set);
        var rule = new BackupRuleConfig { SkipAlreadyRunning = true, Schedules = window.Schedules };
        var retention = new CrashPlanRetention(draft, window.Interval)
            .Read($"{place}, retention", set.All("retentionPolicy").FirstOrDefault());
        var vaults = Destinations(place, set, local);
        vaults.ForEach(vault => item.OverrideDestinationRetention[vault] = retention);
        if (set.Text("backupOpenFiles") == "false")
        {
            draft.NotImported(place, "Open files are not left out.");
        }

        if (draft.AddItem(place, set.Text("id"), item) is { } id)
        {
            vaults.ForEach(vault => draft.AddRule(name, id, vault, rule));
        }
    }

    private void ReadPaths(string place, XElement set, SourceConfig item)
    {
        foreach (var paths in set.All("backupPaths").All("pathset"))
        {
            if (paths.Text("os") is { Length: > 0 } system && !system.Equals(ThisSystem, StringComparison.OrdinalIgnoreCase)
                && !(system.StartsWith("mac", StringComparison.OrdinalIgnoreCase) && OperatingSystem.IsMacOS()))
            {
                draft.NotImported(place, $"The selection for {system} does not concern this device.");
                continue;
            }

            foreach (var path in paths.All("path"))
            {
                if (path.Text("include") is { Length: > 0 } included)
                {
                    ImportDraft.Add(item, "INCLUDE", included.Length > 1 ? included.TrimEnd('/') : included);
                    draft.Imported(place, $"Backs up {included}.");
                }

                if (path.Text("exclude") is { Length: > 0 } excluded)
                {
                    ImportDraft.Add(item, "EXCLUDE", PathGlob.Of(excluded));
                    draft.Imported(place, $"Leaves out {excluded}.");
                }
            }
        }
    }

    private void ReadExclusions(string place, IEnumerable<XElement> lists, SourceConfig item)
    {
        foreach (var pattern in lists.SelectMany(list => list.All("pattern").Concat(list.All(ThisSystem).All("pattern"))))
        {
            var expression = pattern.Text("regex") is { Length: > 0 } text ? text : pattern.Value;
            try
            {
                PathRule.Expression(expression);
                ImportDraft.Add(item, "REXCLUDE", expression);
                draft.Imported(place, $"Leaves out what matches {expression}.");
            }
            catch (FormatException error)
            {
                draft.NotImported(place, error.Message);
            }
        }
    }

    private List<string> Destinations(string place, XElement set, Dictionary<string, string> local)
    {
        var vaults = new List<string>();
        var ids = set.All("destinations").SelectMany(list => list.Elements()).Select(element => element.Text("id"))
            .Where(id => id.Length > 0).ToList();
        foreach (var id in ids)
        {
            if (local.TryGetValue(id, out var path))
            {
                if (Local($"{place}, destination {id}", path) is { } vault)
                {
                    vaults.Add(vault);
                }
            }
        }

        if (ids.Exists(id => !local.ContainsKey(id)) && draft.Offsite(place) is { } offsite)
        {
            vaults.Add(offsite);
        }

        if (ids.Count == 0)
        {
            draft.NotImported(place, "It has no destination, so no rule was made.");
        }

        return vaults;
    }

    // CrashPlan names its folders with numbers, this program with a GUID.
    private string? Local(string place, string path)
    {
        var folder = Path.Combine(path, draft.IdOf("folder", path));
        var vault = new DestinationConfig
        {
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = folder,
            Description = $"Local vault in {path}",
        };
        var id = draft.AddVault(place, vault);
        if (id is not null && draft.Plan.Vaults.ContainsKey(id))
        {
            draft.Changed(
                place, $"A vault in {folder}, with a key of the account. The backups of CrashPlan are not converted.");
        }

        return id;
    }
}
