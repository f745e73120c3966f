using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Settings;

namespace Halley.Client.Tests.Accounts;

/// <summary>A server with a provider of vaults, for all tests of a class; each has an account of its own.</summary>
public sealed class AccountServer : IAsyncLifetime
{
    public const string Provider = "Offsite";

    public ServerHost Host { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public Uri Address => Host.Http.BaseAddress!;

    public async Task InitializeAsync()
    {
        Host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Kestrel = true,
            Settings = new Dictionary<string, string> { ["Halley:VaultRequests:AllowLoopback"] = "true" },
        });
        Admin = await Host.SignInAsync();
        var templates = new[] { new RemoteStorageOption { ID = "1", Type = "comet", Description = Provider, RemoteAddress = "$self$" } };
        using var form = new FormUrlEncodedContent(
        [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
            new("RemoteStorageOptions", JsonSerializer.Serialize(templates)),
        ]);
        using var answer = await Host.Http.PostAsync(new Uri("/api/v1/admin/meta/remote-storage-vault/set", UriKind.Relative), form);
        Assert.Contains("200", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        await Host.DisposeAsync();
    }

    public async Task<IReadOnlyList<BucketKeyInfo>> KeysAsync(string bucket) =>
        (await Admin.GetFromJsonAsync<Page<BucketKeyInfo>>(Routes.ToBucketKeys(bucket)))!.Items;
}
