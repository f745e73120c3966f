using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Organizations;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.Organizations;

/// <summary>Vaults made on request, between servers that really run.</summary>
public class VaultRequestTests
{
    [Theory]
    [DatabaseData]
    public async Task User_of_one_server_gets_a_bucket_on_another(TestDatabase database)
    {
        await using var a = await StartAsync(database);
        await using var b = await StartAsync(database);
        await SetTemplatesAsync(a, Other(b));
        await a.AddAccountAsync("user", edit: profile =>
        {
            profile.Devices["laptop"] = new DeviceConfig();
            profile.Policy.PreventRequestStorageVault = true; // counts for the user, not for his administrator
        });

        Assert.Equal("Server B", (await a.CallAsync("request-storage-vault-providers")).GetProperty("b").GetString());
        var answer = await a.CallAsync("request-storage-vault", ("TargetUser", "user"), ("StorageProvider", "b"), ("DeviceID", "laptop"));

        var id = answer.GetProperty("DestinationID").GetString()!;
        var vault = (await a.ProfileAsync("user")).Destinations[id];
        Assert.Equal(answer.GetProperty("ProfileHash").GetString(),
            (await a.Service<ProfileStore>().FindAsync("user", TenantScope.Everything, default))!.Hash);
        Assert.Equal((1003UL, AddressOf(b), 0L, 0UL),
            (vault.DestinationType, vault.CometServer, vault.RepoInitTimestamp, vault.EncryptionKeyEncryptionMethod));
        Assert.Equal((true, 5_000_000_000L, true), (vault.StorageLimitEnabled, vault.StorageLimitBytes, vault.RebrandStorage));
        Assert.Equal(("Server B", 801L), (vault.Description, vault.DefaultRetention.Mode));
        Assert.Equal(["laptop"], vault.AssociatedDevices);
        Assert.Empty((await a.CallAsync("storage/list-buckets")).EnumerateObject());
        Assert.Equal(vault.CometBucket, Assert.Single((await b.CallAsync("storage/list-buckets")).EnumerateObject()).Name);
        await AssertWorksAsync(b, vault);
    }

    [Theory]
    [DatabaseData]
    public async Task Failure_on_the_other_server_leaves_nothing_half_done(TestDatabase database)
    {
        await using var a = await StartAsync(database);
        await using var b = await StartAsync(database);
        var wrongPassword = Other(b);
        wrongPassword.Password = "wrong";
        var nobodyThere = Other(b);
        (nobodyThere.ID, nobodyThere.RemoteAddress) = ("nobody", $"http://127.0.0.1:{FreePort.Take()}");
        await SetTemplatesAsync(a, wrongPassword, nobodyThere);
        await a.AddAccountAsync("user");
        var hash = (await a.Service<ProfileStore>().FindAsync("user", TenantScope.Everything, default))!.Hash;

        foreach (var (template, reason) in new[] { ("b", "Unauthorised"), ("nobody", "could not be reached") })
        {
            var answer =
                await a.CallAsAsync(ServerHost.Username, "request-storage-vault", ("TargetUser", "user"), ("StorageProvider", template));
            Assert.Equal(400, Tenants.StatusOf(answer));
            Assert.Contains(reason, answer.GetProperty("Message").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("wrong", answer.ToString(), StringComparison.Ordinal);
            Assert.Equal(400, Tenants.StatusOf(await a.CallAsAsync(
                ServerHost.Username, "meta/remote-storage-vault/test",
                ("TemplateOptions", Tenants.ToJson(template == "b" ? wrongPassword : nobodyThere)))));
        }

        Assert.Equal(hash, (await a.Service<ProfileStore>().FindAsync("user", TenantScope.Everything, default))!.Hash);
        Assert.Empty((await b.CallAsync("storage/list-buckets")).EnumerateObject());
        await a.CallAsync("meta/remote-storage-vault/test", ("TemplateOptions", Tenants.ToJson(Other(b))));
    }

    [Theory]
    [DatabaseData]
    public async Task Bucket_that_was_made_before_a_save_failed_is_deleted_again(TestDatabase database)
    {
        await using var a = await StartAsync(database);
        await using var b = await StartAsync(database);
        await SetTemplatesAsync(a, Other(b));
        await a.AddAccountAsync("user");
        var hash = (await a.Service<ProfileStore>().FindAsync("user", TenantScope.Everything, default))!.Hash;

        // Stale before anything is made, and made stale by somebody else between the look and the save.
        var stale = await a.CallAsAsync(
            ServerHost.Username, "request-storage-vault", ("TargetUser", "user"), ("StorageProvider", "b"), ("ProfileHash", "stale"));
        Assert.Equal(409, Tenants.StatusOf(stale));
        Assert.DoesNotContain(await b.EventsAsync(), record => record.Type == 4300);
        var making = ActionsOn(a, new Interrupted(a, OtherOf(a)));
        var outcome = await making.RequestAsync(
            new AccountCaller(Caller.Server, "user"), new RequestVault("b"), hash, default);

        Assert.Equal(RefusalKind.Stale, outcome.Refusal!.Kind);
        Assert.Empty((await a.ProfileAsync("user")).Destinations);
        Assert.Empty((await b.CallAsync("storage/list-buckets")).EnumerateObject());
        Assert.Equal([4300, 4301], (await b.EventsAsync()).Where(record => record.Type is 4300 or 4301).Select(record => record.Type));
    }

    [Fact]
    public async Task Bucket_that_was_made_for_a_caller_that_has_gone_is_deleted_again()
    {
        await using var a = await StartAsync(TestDatabase.Sqlite);
        await using var b = await StartAsync(TestDatabase.Sqlite);
        await SetTemplatesAsync(a, Other(b));
        await a.AddAccountAsync("user");
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ActionsOn(a, new LeftAlone(caller, OtherOf(a))).RequestAsync(
            new AccountCaller(Caller.Server, "user"), new RequestVault("b"), requiredHash: null, caller.Token));

        Assert.Empty((await a.ProfileAsync("user")).Destinations);
        Assert.Empty((await b.CallAsync("storage/list-buckets")).EnumerateObject());
        Assert.Equal([4300, 4301], (await b.EventsAsync()).Where(record => record.Type is 4300 or 4301).Select(record => record.Type));
    }

    [Theory]
    [DatabaseData]
    public async Task This_server_gives_buckets_at_the_address_by_which_devices_reach_it(TestDatabase database)
    {
        await using var host = await StartAsync(database);
        var tenant = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("anna", tenant, """{"AllowEditRemoteStorage":true}""");
        var own = new RemoteStorageOption { ID = "own", Type = "comet", RemoteAddress = "$self$", Description = "Here" };
        Assert.Equal(200, Tenants.StatusOf(
            await host.CallAsAsync("anna", "meta/remote-storage-vault/set", ("RemoteStorageOptions", Tenants.ToJson(new[] { own })))));
        await host.AddAccountAsync("user", tenant);
        await host.AddAccountAsync("other");

        var address = host.Http.BaseAddress!.ToString().TrimEnd('/');
        var answer = await host.CallAsAsync(
            "anna", "request-storage-vault", ("TargetUser", "user"), ("StorageProvider", "own"), ("SelfAddress", address));
        var vault = (await host.ProfileAsync("user")).Destinations[answer.GetProperty("DestinationID").GetString()!];

        Assert.Equal(address + "/", vault.CometServer);
        await AssertWorksAsync(host, vault);
        Assert.Equal(tenant,
            (await host.CallAsync("storage/list-buckets")).GetProperty(vault.CometBucket).GetProperty("OrganizationID").GetString());
        Assert.Empty((await host.CallAsync("meta/remote-storage-vault/get")).EnumerateArray());
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(
            ServerHost.Username, "request-storage-vault", ("TargetUser", "other"), ("StorageProvider", "own"), ("SelfAddress", address))));
        Assert.Equal(400,
            Tenants.StatusOf(await host.CallAsAsync("anna", "request-storage-vault", ("TargetUser", "other"), ("StorageProvider", "own"))));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8060/")]
    [InlineData("http://127.1/")]
    [InlineData("https://localhost")]
    [InlineData("https://backup.localhost/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[::]/")]
    [InlineData("http://169.254.1.1/")]
    [InlineData("http://[fe80::1]/")]
    public void Address_that_every_device_takes_for_itself_is_refused_with_an_explanation(string address)
    {
        Assert.Contains("devices use", SelfAddress.Read(address, allowLoopback: false).Refusal, StringComparison.Ordinal);
        Assert.NotNull(SelfAddress.Read(address, allowLoopback: true).Address);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("backup.example.com", null)]
    [InlineData("ftp://backup.example.com", null)]
    [InlineData("https://user:secret@backup.example.com", null)]
    [InlineData("https://backup.example.com/?x=1", null)]
    [InlineData("https://backup.example.com", "https://backup.example.com/")]
    [InlineData("https://backup.example.com//", "https://backup.example.com/")]
    [InlineData("https://example.com/backup", "https://example.com/backup/")]
    [InlineData("http://10.0.0.5:8060/", "http://10.0.0.5:8060/")]
    public void Address_is_normalised_or_refused(string text, string? address) =>
        Assert.Equal(address, SelfAddress.Read(text, allowLoopback: false).Address?.AbsoluteUri);

    [Theory]
    [DatabaseData]
    public async Task Requests_that_cannot_be_are_refused(TestDatabase database)
    {
        await using var host = await StartAsync(database, allowLoopback: false);
        using var admin = await host.SignInAsync();
        await SetTemplatesAsync(host, new RemoteStorageOption { ID = "own", Type = "comet", RemoteAddress = "$self$" });
        await host.AddAdministratorAsync("rita", "", """{"PreventRequestStorageVault":true}""");
        await host.AddAdministratorAsync("paul", "", """{"ShouldRestrictProviderList":true,"AllowedProvidersWhenRestricted":[1000]}""");
        await host.AddAccountAsync("user");
        (string, string)[] good = [("TargetUser", "user"), ("StorageProvider", "own"), ("SelfAddress", "https://backup.example.com")];

        foreach (var (who, status, fields) in new (string, int, (string, string)[])[]
        {
            (ServerHost.Username, 400, [("TargetUser", "nobody"), ("StorageProvider", "own")]),
            (ServerHost.Username, 404, [("TargetUser", "user"), ("StorageProvider", "none")]),
            (ServerHost.Username, 400, [("TargetUser", "user"), ("StorageProvider", "own")]),
            (ServerHost.Username, 400, [("TargetUser", "user"), ("StorageProvider", "own"), ("SelfAddress", "http://127.0.0.1:8060/")]),
            (ServerHost.Username, 400, [.. good, ("DeviceID", "no-device")]),
            ("rita", 403, good),
            ("paul", 403, good),
            (ServerHost.Username, 200, good),
        })
        {
            Assert.Equal(status, Tenants.StatusOf(await host.CallAsAsync(who, "request-storage-vault", fields)));
        }

        Assert.Single((await host.CallAsync("storage/list-buckets")).EnumerateObject());
        var vaults = Routes.AccountVaults.Replace("{username}", "user", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created,
            (await admin.PostAsJsonAsync(vaults, new RequestVault("own", "https://backup.example.com"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsJsonAsync(vaults, new RequestVault("none"))).StatusCode);
        Assert.Equal("own", Assert.Single((await admin.GetFromJsonAsync<Page<VaultTemplateInfo>>(Routes.VaultTemplates))!.Items).Id);

        foreach (var template in new[]
        {
            """[{"Type":"b2"}]""", """[{"Type":"comet"}]""", """[{"Type":"comet","RemoteAddress":"https://b.example.com"}]""", "[null]",
            "{}",
            """[{"Type":"custom"}]""", """[{"Type":"custom","Custom":{"URL":"ftp://x"}}]""",
            """[{"ID":"x","Type":"comet","RemoteAddress":"$self$"},{"ID":"x","Type":"comet","RemoteAddress":"$self$"}]""",
        })
        {
            Assert.Equal(400, Tenants.StatusOf(
                await host.CallAsAsync(ServerHost.Username, "meta/remote-storage-vault/set", ("RemoteStorageOptions", template))));
        }
    }

    [Fact]
    public async Task Template_that_vanishes_is_replaced_where_it_made_vaults_by_itself()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite);
        await SetTemplatesAsync(host, new RemoteStorageOption { ID = "old", Type = "comet", RemoteAddress = "$self$" });
        await host.AddAccountAsync("user", edit: profile => profile.AutoStorageTemplateGUID = "old");
        await host.AddAccountAsync("other", edit: profile => profile.AutoStorageTemplateGUID = "own idea");

        var request = Tenants.ToJson(new[] { new RemoteStorageOption { ID = "new", Type = "comet", RemoteAddress = "$self$" } });
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync(
            ServerHost.Username, "meta/remote-storage-vault/set", ("RemoteStorageOptions", request), ("ReplacementAutoVaultID", "none"))));
        await host.CallAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", request), ("ReplacementAutoVaultID", "new"));

        Assert.Equal("new", (await host.ProfileAsync("user")).AutoStorageTemplateGUID);
        Assert.Equal("own idea", (await host.ProfileAsync("other")).AutoStorageTemplateGUID);
    }

    private static Task<ServerHost> StartAsync(TestDatabase database, bool allowLoopback = true) =>
        ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Database = database,
            Kestrel = true,
            Settings = { ["Halley:VaultRequests:AllowLoopback"] = allowLoopback ? "true" : "false" },
        });

    private static string AddressOf(ServerHost host) => host.Http.BaseAddress!.ToString();

    private static RemoteStorageOption Other(ServerHost server) => new()
    {
        ID = "b",
        Type = "comet",
        Description = "Server B",
        RemoteAddress = AddressOf(server).TrimEnd('/'),
        Username = ServerHost.Username,
        Password = ServerHost.Password,
        StorageLimitEnabled = true,
        StorageLimitBytes = 5_000_000_000,
        RebrandStorage = true,
    };

    private static Task<JsonElement> SetTemplatesAsync(ServerHost host, params RemoteStorageOption[] templates) =>
        host.CallAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", Tenants.ToJson(templates)));

    private static async Task AssertWorksAsync(ServerHost server, DestinationConfig vault)
    {
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{vault.CometBucket}:{vault.CometBucketKey}")));
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        var address = new Uri($"{vault.CometServer}vault/{vault.CometBucket}/{blob.Name}");
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync(address, new ByteArrayContent(blob.Content))).StatusCode);
        Assert.Equal(blob.Content, await client.GetByteArrayAsync(address));
    }

    private static VaultProvider OtherOf(ServerHost host) =>
        host.Service<IEnumerable<VaultProvider>>().First(provider => provider is OtherServer);

    private static VaultRequestActions ActionsOn(ServerHost host, VaultProvider provider) => new(
        host.Service<VaultTemplates>(), [provider], host.Service<ProfileStore>(),
        host.Service<Server.AuthRole.BackupJobs.SourceStatusStore>(), host.Service<VaultRequestOptions>(),
        host.Service<Server.Hosting.HalleyOptions>(), TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<VaultRequestActions>.Instance);

    /// <summary>The caller goes away while the storage is being made.</summary>
    private sealed class LeftAlone(CancellationTokenSource caller, VaultProvider real) : VaultProvider
    {
        public override bool Serves(RemoteStorageOption template) => real.Serves(template);

        public override async Task<Outcome<VaultPlace>> MakeAsync(
            RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken)
        {
            await caller.CancelAsync();
            return await real.MakeAsync(template, request, cancellationToken);
        }

        public override Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken) =>
            real.TestAsync(template, organizationId, cancellationToken);
    }

    /// <summary>Somebody saves the profile while the bucket is being made.</summary>
    private sealed class Interrupted(ServerHost host, VaultProvider real) : VaultProvider
    {
        public override bool Serves(RemoteStorageOption template) => real.Serves(template);

        public override async Task<Outcome<VaultPlace>> MakeAsync(
            RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken)
        {
            var place = await real.MakeAsync(template, request, cancellationToken);
            await host.EditAsync("user", profile => profile.AccountName = "changed meanwhile");
            return place;
        }

        public override Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken) =>
            real.TestAsync(template, organizationId, cancellationToken);
    }
}
