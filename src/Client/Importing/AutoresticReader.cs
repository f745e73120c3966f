using System.Text.Json.Nodes;
using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads the settings of autorestic.</summary>
internal sealed class AutoresticReader(ImportDraft draft, string folder)
{
    private readonly ResticWrapper _wrapper = new(draft, folder);

    public void Read(JsonObject settings)
    {
        foreach (var (name, location) in settings["locations"].Fields())
        {
            Read(name, location, settings);
        }

        _wrapper.ReportRest("settings", settings, "version", "locations", "backends", "global", "extras");
    }

    private void Read(string name, JsonNode? location, JsonObject settings)
    {
        var place = $"location {name}";
        if (location.Field("type").Text() is "volume")
        {
            draft.NotImported(place, "Volumes of Docker are not supported. Back up the folder of the volume, or the output of a program.");
            return;
        }

        var vaults = location.Field("to").Texts().Select(backend => Backend(backend, settings["backends"].Field(backend)))
            .OfType<string>().ToList();
        if (vaults.Count == 0 && draft.HasVault && draft.Offsite(place) is { } other)
        {
            vaults.Add(other);
        }

        var item = ImportDraft.Files(name);
        var backup = location.Field("options").Field("backup");
        _wrapper.Include($"{place}, from", item, location.Field("from").Texts());
        _wrapper.Exclude($"{place}, exclude", item, backup.Field("exclude").Texts());
        _wrapper.ExcludeFrom($"{place}, exclude-file", item, backup.Field("exclude-file").Texts());
        ReadHooks(place, location.Field("hooks"), item);
        var rule = new BackupRuleConfig
        {
            Schedules = _wrapper.Schedules($"{place}, cron", location.Field("cron").Texts(), CronTimes.Read),
            Tags = string.Join(',', backup.Field("tag").Texts()),
        };
        _wrapper.Add(place, name, item, vaults, Retention(place, location, settings), rule);
        _wrapper.ReportRest(place, location, "from", "to", "type", "cron", "hooks", "options", "forget");
        _wrapper.ReportRest($"{place}, options", location.Field("options"), "backup", "forget");
        _wrapper.ReportRest($"{place}, options.backup", backup, "exclude", "exclude-file", "tag");
    }

    private string? Backend(string name, JsonNode? backend)
    {
        var place = $"backend {name}";
        var path = backend.Field("path").Text() ?? "";
        var address = backend.Field("type").Text() switch
        {
            "local" => path,
            "rest" => WithUser(path, backend.Field("rest")),
            var type => $"{type}:{path}",
        };
        return _wrapper.Vault(
            place, name, address,
            () => backend.Field("key").Text() ?? _wrapper.PasswordIn(backend.Field("env")));
    }

    private static string WithUser(string url, JsonNode? rest) =>
        rest.Field("user").Text() is { } user && Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            ? $"rest:{parsed.Scheme}://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(rest.Field("password").Text() ?? "")}"
                + $"@{parsed.Authority}{parsed.AbsolutePath}"
            : $"rest:{url}";

    private void ReadHooks(string place, JsonNode? hooks, SourceConfig item)
    {
        item.PreExec = [.. hooks.Field("before").Texts()];
        item.PostExec = [.. hooks.Field("after").Texts()];
        if (item.PreExec.Count + item.PostExec.Count > 0)
        {
            draft.Imported(place, $"{item.PreExec.Count} commands before and {item.PostExec.Count} after the backup.");
        }

        _wrapper.ReportRest($"{place}, hooks", hooks, "before", "after");
    }

    private RetentionPolicy Retention(string place, JsonNode? location, JsonObject settings)
    {
        var forgets = location.Field("forget").Text() is "prune" || location.Field("forget").IsYes();
        var options = settings["global"].Field("forget").Fields().Concat(location.Field("options").Field("forget").Fields())
            .GroupBy(option => option.Key, StringComparer.Ordinal)
            .Select(option => KeyValuePair.Create(option.Key, string.Join(',', option.Last().Value.Texts()))).ToList();
        if (forgets)
        {
            return ResticKeep.PolicyOf(draft, $"{place}, forget", options);
        }

        if (options.Count > 0)
        {
            draft.Changed(place, "Its rules of retention run only by hand, so all backups are kept. Set the retention of the item.");
        }

        return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
    }
}
