using Halley.Client.Importing;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Importing;

/// <summary>Settings of the wrappers of restic.</summary>
public sealed class ResticWrapperTests : IDisposable
{
    private readonly ImportRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("profiles.toml", """
        version = "1"
        [global]
        priority = "low"
        [base]
        repository = "local:/srv/restic"
        password-file = "key.txt"
        run-before = "mount /srv"
        [base.retention]
        after-backup = true
        keep-daily = 7
        keep-within = "1y2m3d"
        [home]
        inherit = "base"
        [home.backup]
        source = [ "/home/anna", "relative" ]
        exclude = [ "*.tmp", "!keep.tmp" ]
        exclude-caches = true
        run-after = [ "umount /srv" ]
        schedule = "Mon..Fri 02:30"
        tag = "home"
        """)]
    [InlineData("profiles.yaml", """
        version: "2"
        profiles:
          base:
            repository: local:/srv/restic
            password-file: key.txt
            run-before: mount /srv
            retention: {after-backup: true, keep-daily: 7, keep-within: 1y2m3d}
          home:
            inherit: base
            backup:
              source: [/home/anna, relative]
              exclude: ["*.tmp", "!keep.tmp"]
              exclude-caches: true
              run-after: ["umount /srv"]
              schedule: {at: "Mon..Fri 02:30", permission: system}
              tag: home
        """)]
    public void A_profile_of_resticprofile_becomes_an_item_a_vault_and_a_rule(string file, string text)
    {
        _run.Directory.File("key.txt", "secret\n");
        var plan = _run.Read(ImportKind.ResticProfile, file, text);

        var (vault, config) = Assert.Single(plan.Vaults);
        Assert.Equal((DestinationTypes.LocalPath, "/srv/restic"), (config.DestinationType, config.LocalcopyPath));
        Assert.Equal("secret", plan.Repositories[vault].Password);
        var item = Assert.Single(plan.Items).Value;
        Assert.Equal(["/home/anna", _run.Directory["relative"]], item.Values("INCLUDE"));
        Assert.Equal(["*.tmp"], item.Values("EXCLUDE"));
        Assert.Equal(["mount /srv"], item.PreExec);
        Assert.Equal(["umount /srv"], item.PostExec);
        Assert.Equal("907:7 902:1y2m3d", string.Join(' ', item.OverrideDestinationRetention[vault].Ranges.Select(range =>
            range.Type == 902 ? $"902:{range.Years}y{range.Months}m{range.Days}d" : $"{range.Type}:{range.Jobs}")));
        var rule = Assert.Single(plan.Rules).Value;
        Assert.Equal((vault, "home", true), (rule.Destination, rule.Tags, rule.SkipAlreadyRunning));
        Assert.Equal("Thu-05.03-02:30 Fri-06.03-02:30 Mon-09.03-02:30", rule.Times("2026-03-04T12:00:00Z", 3));
        plan.Reports(ImportVerdict.NotImported, "The setting exclude-caches has no counterpart.");
        plan.Reports(ImportVerdict.NotImported, "'!keep.tmp' takes in again");
    }

    [Fact]
    public void Locations_of_autorestic_become_items()
    {
        var plan = _run.Read(ImportKind.Autorestic, ".autorestic.yml", """
            version: 2
            extras:
              hooks: &hooks
                before: [echo before]
                success: [echo done]
            global:
              forget: {keep-weekly: 4}
            backends:
              disk: {type: local, path: /srv/restic, key: k1}
              rest: {type: rest, path: "https://rest.example.com/repo", key: k2, rest: {user: anna, password: p w}}
              cloud: {type: s3, path: "s3.example.com/bucket", key: k3}
            locations:
              home:
                from: /home
                to: [disk, rest, cloud]
                cron: '0 3 * * 0'
                forget: prune
                hooks:
                  <<: *hooks
                options:
                  backup: {exclude: '*.iso'}
                  forget: {keep-tag: important, keep-daily: 3}
              docker: {from: data, to: disk, type: volume}
            """);

        var disk = plan.Vaults.Single(vault => vault.Value.DestinationType == DestinationTypes.LocalPath);
        var rest = plan.Vaults.Single(vault => vault.Value.DestinationType != DestinationTypes.LocalPath);
        Assert.Equal(("https://rest.example.com/repo/", "anna"), (rest.Value.CometServer, rest.Value.CometBucket));
        Assert.Equal("p w", plan.Repositories[rest.Key].PlaceKey);
        Assert.Empty(rest.Value.CometBucketKey);
        var item = Assert.Single(plan.Items).Value;
        Assert.Equal(["echo before"], item.PreExec);
        Assert.Equal(RetentionPolicy.KeepAll, item.OverrideDestinationRetention[disk.Key].Mode);
        Assert.Equal(2, plan.Rules.Count);
        Assert.Equal("Sun-08.03-03:00 Sun-15.03-03:00", plan.Rules.Values.First().Times("2026-03-04T12:00:00Z", 2));
        plan.Reports(ImportVerdict.Changed, "keep-tag has no counterpart, so all backups are kept");
        plan.Reports(ImportVerdict.NotImported, "repositories of the kind s3");
        plan.Reports(ImportVerdict.NotImported, "Volumes of Docker");
        plan.Reports(ImportVerdict.NotImported, "The setting success has no counterpart.");
    }

    [Fact]
    public void Plans_of_backrest_become_items()
    {
        var plan = _run.Read(ImportKind.Backrest, "config.json", """
            {
              "modno": 3, "version": 4, "instance": "host",
              "repos": [
                { "id": "server", "uri": "rest:https://b1:psk@backup.example.com/vault/b1/", "password": "pw", "autoUnlock": true,
                  "prunePolicy": { "schedule": { "maxFrequencyDays": 30 } } },
                { "id": "plain", "uri": "/srv/plain", "env": ["RESTIC_PASSWORD=from env"] }
              ],
              "plans": [
                { "id": "home", "repo": "server", "paths": ["/home"], "excludes": ["node_modules"], "iexcludes": ["*.ISO"],
                  "schedule": { "cron": "15 2 * * *", "clock": "CLOCK_LOCAL" },
                  "retention": { "policyTimeBucketed": { "hourly": 24, "daily": 30, "keepLastN": 5 } },
                  "hooks": [
                    { "conditions": ["CONDITION_SNAPSHOT_START", "CONDITION_SNAPSHOT_ERROR"], "actionCommand": { "command": "date" } }
                  ] },
                { "id": "etc", "repo": "plain", "paths": ["/etc"], "schedule": { "maxFrequencyHours": 6 },
                  "retention": { "policyKeepAll": true } }
              ]
            }
            """);

        var server = plan.Vaults.Single(vault => vault.Value.DestinationType == DestinationTypes.Server);
        Assert.Equal(("https://backup.example.com/", "b1"), (server.Value.CometServer, server.Value.CometBucket));
        Assert.Equal(("psk", "pw"), (plan.Repositories[server.Key].PlaceKey, plan.Repositories[server.Key].Password));
        Assert.Contains(plan.Repositories.Values, repository => repository.Password == "from env");
        var home = plan.Items.Values.Single(item => item.Description == "home");
        Assert.Equal("902:1 907:30 900:5", string.Join(' ', home.OverrideDestinationRetention[server.Key].Ranges
            .Select(range => $"{range.Type}:{range.Jobs + range.Days}")));
        Assert.Equal(["date"], home.PreExec);
        var etc = plan.Rules.Values.Single(rule => rule.Description == "etc");
        Assert.Equal((ScheduleFrequencies.Periodic, 21_600UL), (etc.Schedules.Single().FrequencyType, etc.Schedules.Single().SecondsPast));
        plan.Reports(ImportVerdict.NotImported, "A hook on CONDITION_SNAPSHOT_ERROR");
        plan.Reports(ImportVerdict.NotImported, "takes A and a for the same");
        plan.Reports(ImportVerdict.NotImported, "The setting prunePolicy has no counterpart.");
        Assert.All(plan.Lines, line => Assert.DoesNotContain("psk", line.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_named_vault_takes_the_place_of_one_that_cannot_be_opened()
    {
        const string Text = """
            [home]
            repository = "s3:https://s3.example.com/bucket"
            [home.backup]
            source = "/home"
            schedule = "daily"
            """;
        var without = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);
        _run.Vault = "offsite";
        var with = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);

        Assert.Empty(without.Rules);
        Assert.Equal(ImportRun.Offsite, Assert.Single(with.Rules).Value.Destination);
    }

    [Fact]
    public void A_second_import_changes_nothing()
    {
        _run.Directory.File("key", "secret");
        const string Text = """
            [home]
            repository = "/srv/restic"
            password-file = "key"
            [home.backup]
            source = "/home"
            schedule = "daily"
            """;
        var first = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);
        first.ApplyTo(_run.Profile);
        var second = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);

        Assert.False(first.IsEmpty);
        Assert.True(second.IsEmpty);
        second.Reports(ImportVerdict.NotImported, "An earlier import has added this protected item.");
    }

    [Fact]
    public void What_the_policy_forbids_is_not_imported()
    {
        (_run.Profile.Policy.PreventNewProtectedItem, _run.Profile.Policy.PreventAddCustomStorageVault) = (true, true);
        var plan = _run.Read(ImportKind.ResticProfile, "profiles.toml", """
            [a]
            repository = "/srv"
            env = { RESTIC_PASSWORD = "secret" }
            [a.backup]
            source = "/home"
            """);

        Assert.True(plan.IsEmpty);
        plan.Reports(ImportVerdict.NotImported, "forbids this vault");
        plan.Reports(ImportVerdict.NotImported, "forbids this protected item");
    }

    [Fact]
    public void A_vault_without_a_password_is_left_out_and_its_rule_is_made_when_it_has_been_added()
    {
        const string Text = "[a]\nrepository = \"/srv/restic\"\n[a.backup]\nsource = \"/home\"\nschedule = \"daily\"\n";
        var first = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);
        first.ApplyTo(_run.Profile);
        _run.Profile.Destinations["added"] = new DestinationConfig
        {
            Description = "a",
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = "/srv/restic",
        };
        var second = _run.Read(ImportKind.ResticProfile, "profiles.toml", Text);

        Assert.Empty(first.Rules);
        first.Reports(ImportVerdict.NotImported, "Add the vault with `halley vault add`, then import again.");
        Assert.Empty(second.Items);
        Assert.Equal("added", Assert.Single(second.Rules).Value.Destination);
    }

    [Fact]
    public void Vaults_get_names_of_their_own()
    {
        _run.Directory.File("key", "secret");
        var plan = _run.Read(ImportKind.ResticProfile, "profiles.toml", """
            [offsite]
            repository = "/srv/restic"
            password-file = "key"
            [offsite.backup]
            source = "/home"
            """);

        Assert.Equal("offsite 2", Assert.Single(plan.Vaults).Value.Description);
    }

    [Theory]
    [InlineData("profiles.toml", "[a\n")]
    [InlineData("profiles.yaml", "a: [")]
    [InlineData("profiles.json", "{")]
    [InlineData("profiles.yaml", "- just\n- a list")]
    [InlineData("profiles.yaml", "a: {inherit: b, backup: {source: /x}}\nb: {inherit: a}")]
    public void What_cannot_be_understood_says_so(string file, string text) =>
        Assert.Throws<ImportException>(() => _run.Read(ImportKind.ResticProfile, file, text));
}
