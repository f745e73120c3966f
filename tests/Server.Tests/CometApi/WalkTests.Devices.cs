using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Server.Tests.Live;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.CometApi;

// The calls to devices: there is one that does everything.
public sealed partial class WalkTests : IAsyncLifetime
{
    private TestDevice? _device;
    private TestLobbyDevice? _waiting;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_device is not null)
        {
            await _device.DisposeAsync();
        }

        if (_waiting is not null)
        {
            await _waiting.DisposeAsync();
        }
    }

    private async Task AttachAsync(ServerHost host)
    {
        if (_device is not null)
        {
            await _device.DisposeAsync();
        }

        AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, "walter", UserPassword, out var lKey, out _);
        using var answer = await host.Http.PostAsJsonAsync(
            Routes.Sessions,
            new StartSession("walter", LKey: lKey, Device: new RegisterDevice("his device", "his device", new OSInfo(), "1.0", "UTC")));
        answer.EnsureSuccessStatusCode();
        var key = (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
        _device = await TestDevice.AttachAsync(host.Http.BaseAddress!, key);
        _device.Answers = command => TestDevice.Done(command, DeviceAnswers.To(command.Kind));
        _known["device"] = _device.Welcome.ConnectionId.ToString();
        _waiting ??= await TestLobbyDevice.WaitAsync(host.Http.BaseAddress!, TestLobbyDevice.NewHello("a new device"));
    }

    private static IEnumerable<Step> DeviceSteps() =>
    [
        Do("admin/dispatcher/list-active", [("UserNameFilter", "walter")]),
        Do("admin/dispatcher/get-default-login-url", [("OrganizationID", "")]),
        .. Commands().Select(command => Do($"admin/dispatcher/{command.Call}", command.Fields)),
        .. CommandsOfAdministrators().Select(command => Do($"admin/dispatcher/{command.Call}", command.Fields)),
        Do("admin/dispatcher/drop-connection", Target()),
        Do("admin/dispatcher/kill-process", Target()),
        AsUser("user/web/dispatcher/list-active"),
        .. Commands().Select(command => AsUser($"user/web/dispatcher/{command.Call}", command.Fields)),
        AsUser("user/web/request-filesystem-objects", Target(("Path", "/"))),
        AsUser("user/web/dispatcher/drop-connection", Target()),
        Do("admin/installation/list-active"),
        Do("admin/installation/dispatch/register-device",
            [("DeviceID", "a new device"), ("TargetUser", "walter"), ("TargetPassword", UserPassword)]),
        Do("admin/installation/dispatch/drop-connection", [("DeviceID", "a new device")]),
    ];

    private static (string, string)[] Target(params (string, string)[] fields) => [("TargetID", "<device>"), .. fields];

    private static IEnumerable<(string Call, (string, string)[] Fields)> Commands() =>
    [
        ("run-backup", Target(("BackupRule", "rule"))),
        ("run-backup-custom", Target(("Source", "item"), ("Destination", "vault"), ("Options", """{"StopAfter":60}"""))),
        ("run-restore", Target(("Path", "/to"), ("Source", "item"), ("Destination", "vault"), ("Paths", """["/a"]"""))),
        ("run-restore-custom",
            Target(("Source", "item"), ("Destination", "vault"), ("Options", """{"Type":0,"DestPath":"/to"}"""), ("KnownFileCount", "7"))),
        ("request-vault-snapshots", Target(("Destination", "vault"))),
        ("request-stored-objects", Target(("Destination", "vault"), ("SnapshotID", "s1"))),
        ("search-snapshots",
            Target(("DestinationID", "vault"), ("SnapshotIDs", """["s1"]"""), ("Filter", """{"ClauseType":"","RuleField":"file.name"}"""))),
        ("delete-snapshot", Target(("DestinationID", "vault"), ("SnapshotID", "s1"))),
        ("delete-snapshots", Target(("DestinationID", "vault"), ("SnapshotIDs", """["s1"]"""))),
        ("ping-destination", Target(("ExtraData", """{"DestinationType":1002}"""))),
        ("test-smb-auth", Target(("Wsa", """{"SharePath":"//server/share"}"""))),
        ("update-login-password", Target(("NewPassword", "another pass phrase"))),
    ];

    private static IEnumerable<(string Call, (string, string)[] Fields)> CommandsOfAdministrators() =>
    [
        ("request-filesystem-objects", Target(("Path", "/"))),
        ("request-import-sources", Target()),
        ("import-apply", Target(("ImportSourceID", "1"))),
        ("apply-retention-rules", Target(("Destination", "vault"))),
        ("reindex-storage-vault", Target(("Destination", "vault"))),
        ("deepverify-storage-vault", Target(("Destination", "vault"))),
        ("unlock", Target(("Destination", "vault"), ("AllowUnsafe", "true"))),
        ("refetch-profile", Target()),
        ("update-login-url", Target(("NewURL", "https://other.example.com/"))),
        ("update-software", Target()),
        ("uninstall-software", Target(("RemoveConfigFile", "false"))),
        ("force-login", Target()),
    ];
}
