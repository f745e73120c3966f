namespace Halley.EndToEnd.Tests;

/// <summary>
/// One installation for all tests of a class, which stop it, move its volumes or measure it; each test has a bucket of its own.
/// </summary>
public sealed class ClassInstallation : IAsyncLifetime
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
