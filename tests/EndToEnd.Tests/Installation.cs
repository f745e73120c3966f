using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>A fresh server with an administrator and a second volume, as it stands after the first five minutes with it.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private Installation(TemporaryDirectory directory, ServerProcess server, AdminClient admin, string secondVolume)
    {
        _directory = directory;
        Server = server;
        Admin = admin;
        SecondVolume = secondVolume;
    }

    public ServerProcess Server { get; }

    public AdminClient Admin { get; }

    public string FirstVolume => Server.FirstVolume;

    public string SecondVolume { get; }

    public IReadOnlyList<string> Volumes => [FirstVolume, SecondVolume];

    /// <param name="secondVolume">Where the second volume is to be; null for a place beside the first.</param>
    /// <param name="options">Options of the server by their name in the documentation.</param>
    public static async Task<Installation> StartAsync(string? secondVolume = null, IReadOnlyDictionary<string, string>? options = null)
    {
        var directory = new TemporaryDirectory();
        ServerProcess? server = null;
        try
        {
            server = await ServerProcess.StartAsync(new ServerSettings
            {
                DataDirectory = directory.Combine("data"),
                Options = options ?? new Dictionary<string, string>(),
            });
            var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
            var second = secondVolume ?? directory.Combine("volume-2");
            await admin.AddVolumeAsync(second);
            return new Installation(directory, server, admin, second);
        }
        catch (Exception failure)
        {
            var output = server?.Output;
            if (server is not null)
            {
                await server.DisposeAsync();
            }

            directory.Dispose();
            throw new InvalidOperationException($"{failure.Message}\nThe server said:\n{output}", failure);
        }
    }

    public async Task<VolumeInfo> VolumeAtAsync(string path) => (await Admin.ListVolumesAsync()).Single(volume => volume.Path == path);

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Server.DisposeAsync();
        _directory.Dispose();
    }
}
