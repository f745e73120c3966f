namespace Halley.EndToEnd.Tests;

/// <summary>One installation for all tests of a class; each test has a bucket, an account or devices of its own.</summary>
public sealed class SharedInstallation : IAsyncLifetime
{
    private Installation? _installation;

    internal Installation Installation => _installation ?? throw new InvalidOperationException("The installation has not started.");

    public async Task InitializeAsync() => _installation = await Installation.StartAsync();

    public async Task DisposeAsync()
    {
        if (_installation is not null)
        {
            await _installation.DisposeAsync();
        }
    }
}
