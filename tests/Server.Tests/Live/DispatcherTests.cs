using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>The vendor's calls to devices, and every way in which a device can fail to answer.</summary>
public class DispatcherTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly string Vault = Guid.NewGuid().ToString();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Device_does_what_it_is_told_and_answers(bool messagePack)
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync(messagePack: messagePack);
        var told = new List<(string Kind, string Arguments)>();
        device.Answers = command =>
        {
            told.Add((command.Kind, command.Arguments));
            return TestDevice.Done(command, DeviceAnswers.To(command.Kind)) with { Message = DeviceAnswers.NoteOn(command.Kind) };
        };

        var started = await host.DispatchAsync(
            device, "run-backup-custom", ("Source", "item"), ("Destination", Vault), ("Options", """{"StopAfter":60}"""));
        Assert.Equal((200, "the-job"), (started.StatusOf(), started.GetProperty("JobID").GetString()));
        Assert.Equal("the-job", (await host.DispatchAsync(device, "run-backup", ("BackupRule", "rule"))).GetProperty("JobID").GetString());
        Assert.Equal("the-job", (await host.DispatchAsync(
            device, "run-restore", ("Path", "/restored"), ("Source", "item"), ("Destination", Vault), ("Paths", """["/a"]""")))
                .GetProperty("JobID").GetString());
        var snapshots = await host.DispatchAsync(device, "request-vault-snapshots", ("Destination", Vault));
        Assert.Equal("s1", Assert.Single(snapshots.GetProperty("Snapshots").EnumerateArray()).GetProperty("Snapshot").GetString());
        var objects = await host.DispatchAsync(device, "request-stored-objects", ("Destination", Vault), ("SnapshotID", "s1"));
        Assert.Equal("letters", Assert.Single(objects.GetProperty("StoredObjects").EnumerateArray()).GetProperty("name").GetString());
        var found = await host.DispatchAsync(
            device, "search-snapshots", ("DestinationID", Vault), ("SnapshotIDs", """["s1"]"""),
            ("Filter", """{"ClauseType":"","RuleField":"file.name","RuleOperator":"str_contains","RuleValue":"x"}"""));
        Assert.Equal("x.txt", found.GetProperty("SnapshotFiles").GetProperty("s1")[0].GetProperty("name").GetString());
        Assert.Equal("Only the first files are listed.", found.GetProperty("Message").GetString());
        Assert.Equal("Another",
            (await host.DispatchAsync(device, "request-import-sources")).GetProperty("ImportSources").GetProperty("1").GetString());
        foreach (var (call, fields) in Plain())
        {
            Assert.Equal((call, 200), (call, (await host.DispatchAsync(device, call, fields)).StatusOf()));
        }

        Assert.Contains((CommandCatalog.RunRule.Name, """{"Rule":"rule"}"""), told);
        Assert.Contains(
            told, one => one.Kind == CommandCatalog.RunBackup.Name && one.Arguments.Contains("\"StopAfter\":60", StringComparison.Ordinal));
        Assert.Contains(told, one => one.Kind == CommandCatalog.RunRestore.Name
            && one.Arguments.Contains("\"DestPath\":\"/restored\"", StringComparison.Ordinal));
        Assert.Contains((CommandCatalog.UnlockVault.Name, $$"""{"Destination":"{{Vault}}","AllowUnsafe":true}"""), told);
        var own = await host.Server.AsUserAsync(
            "dispatcher/run-backup", AccountCalls.ByPassword(), ("TargetID", device.Welcome.ConnectionId.ToString()),
            ("BackupRule", "rule"));
        Assert.Equal((200, false), (own.StatusOf(), own.TryGetProperty("JobID", out _)));
    }

    [Fact]
    public async Task Strangers_wrong_fields_and_unknown_devices_are_refused()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        var roles = new RoleServer(host.Server);
        await host.Server.AddUserAsync("carol", "a pass phrase of carol");

        var stranger = await host.Server.CallCometAsync("user/web/dispatcher/drop-connection", [
            new("Username", "carol"), new("AuthType", "Password"), new("Password", "a pass phrase of carol"),
            new("TargetID", device.Welcome.ConnectionId.ToString()),
        ]);
        Assert.Equal(403, stranger.StatusOf());
        Assert.Equal(403, (await roles.CallAsync("dispatcher/refetch-profile", ("TargetID", Guid.NewGuid().ToString()))).StatusOf());
        Assert.Equal(403, (await roles.CallAsync("dispatcher/refetch-profile", ("TargetID", LiveHost.Laptop))).StatusOf());
        Assert.Equal(403, (await roles.CallAsync("dispatcher/refetch-profile")).StatusOf());
        foreach (var (call, fields) in new (string, (string, string)[])[]
        {
            ("run-backup", []), ("run-backup-custom", [("Source", "a")]),
            ("run-backup-custom", [("Source", "a"), ("Destination", "b"), ("Options", "[")]),
            ("run-restore-custom", [("Source", "a"), ("Destination", "b"), ("Options", "nothing")]),
            ("delete-snapshots", [("DestinationID", "a"), ("SnapshotIDs", "[]")]),
            ("delete-snapshots", [("DestinationID", "a"), ("SnapshotIDs", "[null]")]),
            ("update-login-url", [("NewURL", "file:///etc/passwd")]),
            ("unlock", [("Destination", "a"), ("AllowUnsafe", "perhaps")]), ("ping-destination", []), ("uninstall-software", []),
            ("search-snapshots", [("DestinationID", "a")]),
        })
        {
            Assert.Equal((call, 400), (call, (await host.DispatchAsync(device, call, fields)).StatusOf()));
        }

        Assert.Empty(device.Received);
    }

    [Fact]
    public async Task Device_that_refuses_answers_garbage_or_leaves_gives_a_precise_error()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var shy = await host.AttachAsync("shy", TestDevice.NewHello(allowsFilenames: false));
        var names = await host.DispatchAsync(shy, "request-filesystem-objects");
        Assert.Equal(403, names.StatusOf());
        Assert.Contains("does not allow", names.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Empty(shy.Received);

        shy.Answers = command => new CommandReport(command.Id, CommandStates.Failed, Code: "disk_full", Message: "No room\n on the disk.");
        var failed = await host.DispatchAsync(shy, "refetch-profile");
        Assert.Equal((500, "No room on the disk."), (failed.StatusOf(), failed.GetProperty("Message").GetString()));
        foreach (var garbage in new[] { "", "{", "null", "{}", """[{"Snapshot":7}]""", "[null]", "\"text\"" })
        {
            shy.Answers = command => new CommandReport(command.Id, CommandStates.Done, garbage);
            Assert.Equal(
                (garbage, 502), (garbage, (await host.DispatchAsync(shy, "request-vault-snapshots", ("Destination", Vault))).StatusOf()));
        }

        await using var leaving = await host.AttachAsync();
        var asked = host.DispatchAsync(leaving, "request-vault-snapshots", ("Destination", Vault));
        await leaving.ReportAsync(new CommandReport((await leaving.NextCommandAsync()).Id, CommandStates.Accepted));
        await using var another = await host.AttachAsync(); // another program of the same device: the answer will never come
        Assert.Equal(503, (await asked).StatusOf());
        Assert.Contains("may or may not", (await asked).GetProperty("Message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_that_says_nothing_is_not_waited_for_without_end()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock);
        await using var device = await host.AttachAsync();

        var silent = host.DispatchAsync(device, "request-vault-snapshots", ("Destination", Vault));
        await device.NextCommandAsync();
        clock.Advance(CommandRelay.TakeLimit);
        Assert.Equal(504, (await silent).StatusOf());

        var slow = host.DispatchAsync(device, "request-vault-snapshots", ("Destination", Vault));
        var command = await device.NextCommandAsync();
        await device.ReportAsync(new CommandReport(command.Id, CommandStates.Accepted));
        clock.Advance(CommandRelay.TakeLimit * 2);
        Assert.False(slow.IsCompleted);
        await device.BeatAsync();
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(504, (await slow).StatusOf());
        // too late, and no mistake
        Assert.Equal("", (await device.DoneAsync(command, DeviceAnswers.To(CommandCatalog.ListSnapshots.Name))).Code);
    }

    [Fact]
    public async Task Dropped_line_does_not_lose_a_command_that_is_on_its_way()
    {
        await using var host = await LiveHost.OnAsync(servers);
        var (key, hello) = (await host.SignInAsync(), TestDevice.NewHello());
        var first = await host.AttachWithAsync(key, hello);
        var asked = host.DispatchAsync(first, "request-vault-snapshots", ("Destination", Vault));
        var sent = await first.NextCommandAsync();
        await first.DisposeAsync();
        await using var back = await host.AttachWithAsync(key, hello);
        var again = await back.NextCommandAsync();
        Assert.Equal(sent.Id, again.Id);
        await back.DoneAsync(again, DeviceAnswers.To(CommandCatalog.ListSnapshots.Name));

        Assert.Equal(200, (await asked).StatusOf());
    }

    [Theory]
    [DatabaseData]
    public async Task Cancelling_a_job_reaches_the_device(TestDatabase database)
    {
        await using var host = await LiveHost.OnAsync(servers, database);
        await using var device = await host.AttachAsync();
        var job = RoleServer.Job();
        (job.DeviceID, job.CancellationID) = ("", "how to stop it");
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);

        device.Answers = command => new CommandReport(command.Id, CommandStates.Failed, Code: "too_late", Message: "It is about to end.");
        Assert.Equal(409, (await CancelAsync()).StatusOf());
        device.Answers = command =>
            command.Kind == CommandCatalog.CancelJob.Name && CommandCatalog.CancelJob.Read(command.Arguments) is { } stop
                && stop == new CancelJobArguments(job.GUID, "how to stop it") ? TestDevice.Done(command) : null;
        Assert.Equal(200, (await CancelAsync()).StatusOf());
        using var again = await host.Admin.PostAsync(new Uri($"/api/v2/jobs/{job.GUID}/cancel", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);

        Task<JsonElement> CancelAsync() =>
            host.Server.AsAdministratorAsync("job/cancel", ("TargetUser", AccountCalls.User), ("JobID", job.GUID));
    }

    private static IEnumerable<(string Call, (string Name, string Value)[] Fields)> Plain() =>
    [
        ("apply-retention-rules", [("Destination", Vault)]), ("reindex-storage-vault", [("Destination", Vault)]),
        ("deepverify-storage-vault", [("Destination", Vault)]), ("unlock", [("Destination", Vault), ("AllowUnsafe", "1")]),
        ("delete-snapshot", [("DestinationID", Vault), ("SnapshotID", "s1")]),
        ("delete-snapshots", [("DestinationID", Vault), ("SnapshotIDs", """["s1"]""")]),
        ("request-filesystem-objects", [("Path", "/home")]), ("refetch-profile", []),
        ("ping-destination", [("ExtraData", """{"DestinationType":1002}""")]),
        ("test-smb-auth", [("Wsa", """{"SharePath":"//server/share"}""")]), ("import-apply", [("ImportSourceID", "1")]),
        ("update-login-url", [("NewURL", "https://other.example.com"), ("Force", "1")]),
        ("update-login-password", [("NewPassword", "another pass phrase")]),
        ("update-software", []), ("uninstall-software", [("RemoveConfigFile", "0")]), ("force-login", []),
    ];
}
