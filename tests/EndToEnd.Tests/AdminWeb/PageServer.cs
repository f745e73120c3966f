namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>One server with its administrator for all tests of pages that do not need a fresh one; started when first asked for.</summary>
public sealed class PageServer : IAsyncLifetime
{
    private ServerProcess? _server;

    public async Task<ServerProcess> StartAsync()
    {
        if (_server is null)
        {
            // Devices of tests reach vaults at the address at which the browser has the pages.
            _server = await ServerProcess.StartAsync(
                new ServerSettings { Options = new Dictionary<string, string> { ["Halley:VaultRequests:AllowLoopback"] = "true" } });
            using var admin = await AdminClient.SetUpAsync(_server.Address, _server.DataDirectory);
        }

        return _server;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
