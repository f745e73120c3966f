namespace Halley.EndToEnd.Tests;

/// <summary>
/// One installation for all classes whose tests leave the server and its volumes as they are; each test has a bucket, an account or devices
/// of its own. It starts when first asked for and ends with the tests.
/// </summary>
public sealed class SharedInstallation : IAsyncLifetime
{
    private static readonly Lazy<Task<Installation>> Started = new(() => Installation.StartAsync());

    private Installation? _installation;

    internal Installation Installation => _installation ?? throw new InvalidOperationException("The installation has not started.");

    public async Task InitializeAsync() => _installation = await Started.Value;

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Stops it, if a test has asked for it.</summary>
    internal static async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            await (await Started.Value).DisposeAsync();
        }
    }
}
