using System.Text.Json.Nodes;
using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads the settings of backrest.</summary>
internal sealed class BackrestReader(ImportDraft draft, string folder)
{
    private static readonly string[] Before = ["CONDITION_SNAPSHOT_START"];
    private static readonly string[] After = ["CONDITION_SNAPSHOT_END", "CONDITION_SNAPSHOT_SUCCESS"];

    private readonly ResticWrapper _wrapper = new(draft, folder);

    public void Read(JsonObject settings)
    {
        var repositories = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var repository in Items(settings["repos"]))
        {
            var id = repository.Field("id").Text() ?? "";
            var place = $"repo {id}";
            repositories[id] = _wrapper.Vault(
                place, id, repository.Field("uri").Text(),
                () => repository.Field("password").Text() is { Length: > 0 } password ? password : PasswordIn(repository.Field("env")));
            _wrapper.ReportRest(place, repository, "id", "uri", "guid", "password", "env", "autoUnlock", "autoInitialize");
        }

        foreach (var plan in Items(settings["plans"]))
        {
            Read(plan, repositories);
        }

        _wrapper.ReportRest("settings", settings, "modno", "version", "instance", "repos", "plans", "auth");
    }

    private void Read(JsonNode? plan, Dictionary<string, string?> repositories)
    {
        var name = plan.Field("id").Text() ?? "";
        var place = $"plan {name}";
        var vault = repositories.GetValueOrDefault(plan.Field("repo").Text() ?? "") ?? (draft.HasVault ? draft.Offsite(place) : null);
        var item = ImportDraft.Files(name);
        _wrapper.Include($"{place}, paths", item, plan.Field("paths").Texts());
        _wrapper.Exclude($"{place}, excludes", item, plan.Field("excludes").Texts());
        foreach (var pattern in plan.Field("iexcludes").Texts())
        {
            draft.NotImported($"{place}, iexcludes", $"The exclusion '{pattern}' takes A and a for the same, which items do not do.");
        }

        foreach (var hook in Items(plan.Field("hooks")))
        {
            ReadHook(place, hook, item);
        }

        var rule = new BackupRuleConfig { Schedules = Schedules($"{place}, schedule", plan.Field("schedule")) };
        _wrapper.Add(place, name, item, vault is null ? [] : [vault], Retention($"{place}, retention", plan.Field("retention")), rule);
        _wrapper.ReportRest(place, plan, "id", "repo", "paths", "excludes", "iexcludes", "hooks", "schedule", "retention");
    }

    private void ReadHook(string place, JsonNode? hook, SourceConfig item)
    {
        var command = hook.Field("actionCommand").Field("command").Text();
        foreach (var condition in hook.Field("conditions").Texts())
        {
            var commands = command is null ? null
                : Before.Contains(condition) ? item.PreExec
                : After.Contains(condition) ? item.PostExec
                : null;
            if (commands is null)
            {
                draft.NotImported(
                    $"{place}, hooks", $"A hook on {condition} has no counterpart. Commands before and after the backup are imported.");
            }
            else
            {
                commands.Add(command!);
                draft.Imported($"{place}, hooks", $"A command on {condition}.");
            }
        }
    }

    private List<ScheduleConfig> Schedules(string place, JsonNode? schedule)
    {
        if (schedule.Field("disabled").IsYes())
        {
            return [];
        }

        var hours = schedule.Field("maxFrequencyHours").Number() ?? (schedule.Field("maxFrequencyDays").Number() * 24);
        if (hours > 0)
        {
            draft.Changed(place, $"It runs every {hours} hours from a fixed time on, not from the last backup on.");
            return [new ScheduleConfig { FrequencyType = ScheduleFrequencies.Periodic, SecondsPast = (ulong)hours * 3600 }];
        }

        if (schedule.Field("clock").Text() is "CLOCK_UTC" or "CLOCK_LAST_RUN_TIME")
        {
            draft.Changed(place, "The schedule follows the clock of this device.");
        }

        return _wrapper.Schedules(place, schedule.Field("cron").Texts(), CronTimes.Read);
    }

    private RetentionPolicy Retention(string place, JsonNode? retention)
    {
        if (retention.Field("policyKeepAll").IsYes())
        {
            draft.Imported(place, "All backups are kept.");
            return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
        }

        var buckets = retention.Field("policyTimeBucketed").Fields()
            .Select(bucket => KeyValuePair.Create(
                bucket.Key == "keepLastN" ? "keep-last" : $"keep-{bucket.Key}", bucket.Value.Text() ?? ""));
        return ResticKeep.PolicyOf(
            draft, place, buckets.Append(KeyValuePair.Create("keep-last", retention.Field("policyKeepLastN").Text() ?? "")));
    }

    private string? PasswordIn(JsonNode? environment)
    {
        var variables = new JsonObject();
        foreach (var pair in environment.Texts().Select(text => text.Split('=', 2)).Where(pair => pair.Length == 2))
        {
            variables[pair[0]] = pair[1];
        }

        return _wrapper.PasswordIn(variables);
    }

    private static IEnumerable<JsonNode?> Items(JsonNode? list) => list as JsonArray ?? [];
}
