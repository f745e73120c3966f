using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>One server for the tests of a class, each of which has a bucket of its own on it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public ServerHost Server { get; private set; } = null!;

    /// <summary>Signed in as the administrator.</summary>
    public HttpClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        Admin = await Server.SignInAsync();
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        await Server.DisposeAsync();
    }
}
