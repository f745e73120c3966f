using System.Net;
using Halley.Protocol.Live;
using Halley.Testing.Live;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>
/// Networks that devices are in: behind proxies of their own, and behind ones that cut connections on which nothing is said.
/// </summary>
public sealed class DifficultNetworkTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private ServerProcess Server => shared.Installation.Server;

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task Device_behind_a_proxy_of_its_own_is_connected(string kind)
    {
        var device = $"inside-{kind}";
        using var office = await FleetOffice.OpenAsync(Server.Address, $"{kind}@example.com");
        using var directory = new TemporaryDirectory();
        var port = FreePort.Take();
        await using var proxy = kind == "http" ? StartConnectProxy(directory, port) : StartSocksProxy(port);
        await proxy.WaitUntilAsync("the proxy listens", Soon, () => PortProbe.ListensAsync(port));
        await using var inside = await TestDevice.ConnectAsync(
            Server.Address, await office.SignInDeviceAsync(device),
            proxy: new WebProxy(new Uri($"{kind}://127.0.0.1:{port}")));
        Assert.Equal("", (await inside.AttachAsync()).Code);
        inside.Answers = command => TestDevice.Done(command);

        Assert.Equal(CommandStates.Done, (await office.GiveAsync(device, CommandCatalog.RefetchProfile.Name)).State);
        await proxy.StopAsync(); // it really went through it
        await inside.ClosesAsync();
    }

    [Fact]
    public async Task Connection_on_which_nothing_happens_is_not_cut_by_a_proxy_that_allows_thirty_seconds()
    {
        await using var nginx = await NginxProxy.StartAsync(Server.Address, idleSeconds: 30);
        using var office = await FleetOffice.OpenAsync(Server.Address);
        await using var silent = await TestDevice.AttachAsync(nginx.Address, await office.SignInDeviceAsync("silent"));

        // The one wait for real seconds: those of the proxy cannot be moved.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        await Task.WhenAny(silent.Closed, Task.Delay(Timeout.Infinite, limit.Token));
        Assert.False((await office.ConnectionOfAsync("silent"))!.Reconnecting);
        Assert.Equal(silent.Welcome.ConnectionId, (await office.ConnectionOfAsync("silent"))!.Id);
        await silent.BeatAsync();
    }

    private static OwnedProcess StartConnectProxy(TemporaryDirectory directory, int port)
    {
        var file = directory.Combine("tinyproxy.conf");
        File.WriteAllText(file, $"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 600\nLogLevel Warning\n");
        return OwnedProcess.Start(Tools.Require("tinyproxy", "tinyproxy-bin"), ["-d", "-c", file]);
    }

    private static OwnedProcess StartSocksProxy(int port) =>
        OwnedProcess.Start(Tools.Require("microsocks", "microsocks"),
            ["-i", "127.0.0.1", "-p", port.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
}
