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

    [Fact]
    public async Task Volume_stays_online_while_the_process_may_open_no_more_files()
    {
        await using var server = await ServerProcess.StartAsync();
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        var bucket = await admin.AddBucketAsync();
        using var files = new VaultFiles(server.Address, bucket.Bucket.Id, bucket.Secret!);
        byte[] content = [1, 2, 3];
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
        Assert.Equal(HttpStatusCode.OK, await files.StatusOfAsync(VaultFiles.NameOf(content)));
        var before = await LimitAsync(server.Id, "3"); // numbers below 3 are in use

        const string Code = "too_many_open_files";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Code), await files.RefusalOfAsync(VaultFiles.NameOf(content)));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Code), await files.RefusalOfAsync(new string('7', 64)));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Code), await files.RefusalOfUploadAsync([4, 5, 6]));
        Assert.All(await admin.ListVolumesAsync(), volume => Assert.True(volume.Online, volume.Problem));

        await LimitAsync(server.Id, before);
        Assert.Equal(HttpStatusCode.OK, await files.StatusOfAsync(VaultFiles.NameOf(content)));
        Assert.Equal(HttpStatusCode.NotFound, await files.StatusOfAsync(new string('7', 64)));
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync([4, 5, 6]));
        Assert.DoesNotContain("volume-1 is offline", server.Output, StringComparison.Ordinal);
    }

    /// <summary>Changes how many file descriptors a process may have, and returns how many it could have before.</summary>
    private static async Task<string> LimitAsync(int process, string limit)
    {
        var program = Tools.Require("prlimit", "util-linux");
        var before = await ExternalProgram.RunAsync(program, ["--pid", $"{process}", "--nofile", "--output", "SOFT", "--noheadings"]);
        (await ExternalProgram.RunAsync(program, ["--pid", $"{process}", $"--nofile={limit}:"])).EnsureSuccess();
        return before.EnsureSuccess().StandardOutput.Trim();
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
