using System.Text.Json.Nodes;
using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads the settings of resticprofile, versions 1 and 2.</summary>
internal sealed class ResticProfileReader(ImportDraft draft, string folder)
{
    private static readonly string[] NotProfiles = ["version", "global", "groups", "includes", "mixins", "profiles", "schedules"];

    private readonly ResticWrapper _wrapper = new(draft, folder);

    public void Read(JsonObject settings)
    {
        var isSecond = settings["version"].Text() == "2";
        var profiles = isSecond ? settings["profiles"] as JsonObject ?? [] : settings;
        foreach (var (name, _) in settings.Where(field => field.Key is "includes" or "mixins" or "schedules"))
        {
            draft.NotImported(name, "This program does not read them. Give each file by its name.");
        }

        foreach (var (name, _) in settings["groups"].Fields())
        {
            draft.Changed($"group {name}", "Its profiles are imported one by one; each runs by its own schedule.");
        }

        var names = profiles.Where(field => field.Value is JsonObject && (isSecond || !NotProfiles.Contains(field.Key)))
            .Select(field => field.Key).ToList();
        var inherited = names.Select(name => profiles[name].Field("inherit").Text()).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var profile = Resolve(profiles, name, []);
            if (profile["backup"].Field("source") is null && profile["backup"].Field("stdin-command") is null)
            {
                if (!inherited.Contains(name))
                {
                    draft.NotImported($"profile {name}", "It backs up nothing.");
                }

                continue;
            }

            Read(name, profile);
        }
    }

    private void Read(string name, JsonObject profile)
    {
        var place = $"profile {name}";
        var backup = profile["backup"] as JsonObject ?? [];
        var vault = _wrapper.Vault(
            $"{place}, repository", name, profile["repository"].Text() ?? profile["env"].Field("RESTIC_REPOSITORY").Text(),
            () => _wrapper.PasswordIn(profile["password-file"].Text()) ?? _wrapper.PasswordIn(profile["env"]));
        vault ??= draft.HasVault ? draft.Offsite(place) : null;
        var item = backup["stdin-command"].Text() is { } command ? Program(place, name, command, backup) : ImportDraft.Files(name);
        _wrapper.Include($"{place}, source", item, backup["source"].Texts());
        _wrapper.Exclude($"{place}, exclude", item, backup["exclude"].Texts());
        _wrapper.ExcludeFrom($"{place}, exclude-file", item, backup["exclude-file"].Texts());
        item.PreExec = [.. profile["run-before"].Texts(), .. backup["run-before"].Texts()];
        item.PostExec = [.. backup["run-after"].Texts(), .. profile["run-after"].Texts()];
        ReportCommands(place, item);
        var rule = new BackupRuleConfig
        {
            Schedules = _wrapper.Schedules($"{place}, schedule", SchedulesOf(backup["schedule"]), SystemdTimes.Read),
            LimitVaultSpeedBps = (profile["limit-upload"].Number() ?? 0) * 1024,
            Tags = string.Join(',', backup["tag"].Texts()),
        };
        _wrapper.Add(place, name, item, vault is null ? [] : [vault], Retention(place, profile), rule);
        _wrapper.ReportRest(
            place, profile, "inherit", "description", "repository", "password-file", "env", "backup", "retention", "forget", "run-before",
            "run-after", "limit-upload", "initialize", "lock", "verbose", "quiet");
        _wrapper.ReportRest(
            $"{place}, backup", backup, "source", "exclude", "exclude-file", "run-before", "run-after", "schedule", "tag", "stdin-command",
            "stdin-filename", "verbose");
    }

    private SourceConfig Program(string place, string name, string command, JsonObject backup)
    {
        draft.Imported(place, "The output of a program.");
        return new SourceConfig
        {
            Engine = "engine1/stdout",
            Description = name,
            EngineProps = { ["COMMAND"] = command, ["SAVEAS"] = backup["stdin-filename"].Text() ?? "stdin" },
        };
    }

    private void ReportCommands(string place, SourceConfig item)
    {
        if (item.PreExec.Count > 0)
        {
            draft.Imported(place, $"{item.PreExec.Count} commands before the backup.");
        }

        if (item.PostExec.Count > 0)
        {
            draft.Changed(place, $"{item.PostExec.Count} commands after the backup, which also run when it has failed.");
        }
    }

    // A schedule is a text, a list of texts, or a map with them in the field "at".
    private static IReadOnlyList<string> SchedulesOf(JsonNode? schedule) =>
        schedule is JsonObject map ? map["at"].Texts() : schedule.Texts();

    private RetentionPolicy Retention(string place, JsonObject profile)
    {
        // "retention" runs with the backups; "forget" only when it is called or has a schedule.
        var retention = profile["retention"];
        if (retention.Field("after-backup").IsYes() || retention.Field("before-backup").IsYes())
        {
            return ResticKeep.PolicyOf(draft, $"{place}, retention", Options(retention));
        }

        if (profile["forget"].Field("schedule") is not null)
        {
            draft.Changed($"{place}, forget", "Retention is applied after backups instead of by its own schedule.");
            return ResticKeep.PolicyOf(draft, $"{place}, forget", Options(profile["forget"]));
        }

        if (Options(retention).Concat(Options(profile["forget"])).Any(option => option.Key.StartsWith("keep-", StringComparison.Ordinal)))
        {
            draft.Changed(place, "Its rules of retention run only by hand, so all backups are kept. Set the retention of the item.");
        }

        return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
    }

    private static IEnumerable<KeyValuePair<string, string>> Options(JsonNode? section) =>
        section.Fields().Select(field => KeyValuePair.Create(field.Key, string.Join(',', field.Value.Texts())));

    private static JsonObject Resolve(JsonObject profiles, string name, HashSet<string> seen)
    {
        if (!seen.Add(name) || profiles[name] is not JsonObject own)
        {
            throw new ImportException($"The profile {name} is not there, or inherits from itself.");
        }

        var result = own["inherit"].Text() is { } parent ? Resolve(profiles, parent, seen) : [];
        Merge(result, own);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (target[name] is JsonObject known && value is JsonObject more)
            {
                Merge(known, more);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }
}
