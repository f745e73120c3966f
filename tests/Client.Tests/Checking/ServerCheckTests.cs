using Halley.Client.Accounts;
using Halley.Client.Checking;
using Halley.Client.Repository;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Storage;
using Halley.Storage.Remote;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Checking;

/// <summary>A Halley server reads the packs of its bucket itself; another server is not asked twice.</summary>
public sealed class ServerCheckTests
{
    [Fact]
    public async Task Server_reads_the_packs_and_the_client_none()
    {
        // Without scrubs of its own, one of which could find the damage first.
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Storage:ScrubDays"] = "0" } });
        using var http = host.CreateClient();
        var api = new HalleyClient(http, http.BaseAddress!, TimeProvider.System);
        await api.SignInAsync(new StartSession(ServerHost.Username, ServerHost.Password), CancellationToken.None);
        Assert.True((await api.CreateBucketAsync(new CreateBucket(), CancellationToken.None)).TryGet(out var bucket, out _));
        var address = new Uri(http.BaseAddress!, $"vault/{bucket.Bucket.Id}/");
        var store = new VaultBlobStore(http, address, bucket.Bucket.Id, bucket.Secret!, TimeProvider.System);
        using var random = await RandomVault.CreateAsync(store, seed: 1, snapshots: 3);

        var place = new VaultPlace(null, address, bucket.Bucket.Id, bucket.Secret!);
        var server = ServerCheck.Of(place, http, TimeProvider.System)!;

        var (whole, nothing) = await CheckAsync(random.Vault, server);
        Assert.Empty(nothing);
        Assert.Equal((0, whole.Packs), (whole.PacksRead, whole.PacksVerified));

        var stumbling = new StumblingHandler();
        using var broken = new HttpClient(stumbling);
        var patient = ServerCheck.Of(place, broken, new ImpatientClock(new FakeTimeProvider(), longest: TimeSpan.FromSeconds(10)))!;
        var (again, _) = await CheckAsync(random.Vault, patient);
        Assert.Equal((2, whole.Packs), (stumbling.Failures, again.PacksVerified));

        // A disk that lies: the size is right, a byte is not.
        var pack = (await TestBlob.ListAsync(store, BlobType.Data))[0];
        var path = Path.Combine(host.DataDirectory, "volume-1", "buckets", bucket.Bucket.Id, "data", pack.Id[..2], pack.Id);
        var content = await File.ReadAllBytesAsync(path);
        content[^1] ^= 1;
        File.Delete(path);
        await File.WriteAllBytesAsync(path, content);
        var (_, found) = await CheckAsync(random.Vault, server);
        var (_, later) = await CheckAsync(random.Vault, server);

        var finding = Assert.Single(found);
        Assert.Equal((VaultFindingKind.DamagedPack, pack.Id), (finding.Kind, finding.File!.Value.Id));
        // The server has put the pack in quarantine. If it holds directories, these are findings as well.
        Assert.Contains(later, missing => missing.Kind == VaultFindingKind.MissingPack);
        Assert.All(later, missing => Assert.Equal(pack.Id, missing.File!.Value.Id));

        var stranger = ServerCheck.Of(place with { Secret = "of-another-bucket" }, http, TimeProvider.System)!;
        var error = await Assert.ThrowsAsync<VaultException>(() => CheckAsync(random.Vault, stranger));
        Assert.Equal(VaultFault.Unsupported, error.Fault);
        var reasons = new List<string>();
        var (downloaded, _) = await CheckAsync(random.Vault, stranger, reasons.Add);
        Assert.Contains("The bucket id or its key is wrong", Assert.Single(reasons), StringComparison.Ordinal);
        Assert.Equal((downloaded.Packs, 0), (downloaded.PacksRead, downloaded.PacksVerified));
    }

    [Fact]
    public void Place_that_is_no_bucket_has_no_server_to_ask()
    {
        using var http = new HttpClient();
        Assert.Null(ServerCheck.Of(new("/srv/vault", null, "", ""), http, TimeProvider.System));
        Assert.Null(ServerCheck.Of(new(null, new Uri("https://rest.example/anna/"), "anna", "key"), http, TimeProvider.System));
    }

    private static async Task<(CheckResult Result, List<VaultFinding> Findings)> CheckAsync(
        Vault vault, ServerCheck server, Action<string>? onRefused = null)
    {
        var findings = new List<VaultFinding>();
        var options = new CheckOptions
        {
            ReadData = PackSubset.All,
            Server = server,
            OnServerRefused = onRefused,
            OnFinding = findings.Add,
        };
        return (await VaultCheck.RunAsync(vault, options, CancellationToken.None), findings);
    }

    /// <summary>Connections that break twice before they work, as those to a server that restarts.</summary>
    private sealed class StumblingHandler() : DelegatingHandler(new HttpClientHandler())
    {
        public int Failures { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Failures < 2
                ? throw new HttpRequestException($"Connection {++Failures} was refused.")
                : base.SendAsync(request, cancellationToken);
    }
}
