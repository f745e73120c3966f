using System.Net;
using System.Net.Sockets;

namespace Halley.EndToEnd.Tests;

/// <summary>A server whose process may have few file descriptors.</summary>
public sealed class DescriptorTests
{
    [Fact]
    public async Task Silent_connections_take_no_descriptor_from_disks_and_database()
    {
        using var data = new TemporaryDirectory();
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        await using var server = OwnedProcess.Start(
            Tools.Require("bash", "bash"),
            ["-c", $"ulimit -n 600 && exec dotnet '{Checkout.ServerAssembly}' --urls {address.OriginalString}"],
            new Dictionary<string, string?> { ["Halley__DataDirectory"] = data.Combine("data") });
        using var http = new HttpClient { BaseAddress = address };
        await server.WaitUntilAsync("the server is ready", TimeSpan.FromSeconds(60), async () => await ProblemAsync(http) is null);

        var silent = new List<TcpClient>();
        for (var i = 0; i < 700; i++)
        {
            silent.Add(new TcpClient());
            await TryConnectAsync(silent[^1], address.Port);
        }

        var problem = await ProblemAsync(http); // on a connection from before the flood
        Assert.True(problem is null, $"{problem}\nended: {server.HasExited}\n{server.Output}");
        silent.ForEach(client => client.Dispose());
        using var later = new HttpClient { BaseAddress = address };
        await Eventually.HoldsAsync(
            "new connections are taken again", TimeSpan.FromSeconds(20), async () => await ProblemAsync(later) is null);
        Assert.Contains("600 file descriptors", server.Output, StringComparison.Ordinal);
    }

    private static async Task TryConnectAsync(TcpClient client, int port)
    {
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            // One of those that the server does not take.
        }
    }

    /// <summary>Why the server is not ready; null if it is.</summary>
    private static async Task<string?> ProblemAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return response.IsSuccessStatusCode ? null : $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}";
        }
        catch (HttpRequestException failure)
        {
            return failure.ToString();
        }
    }
}
