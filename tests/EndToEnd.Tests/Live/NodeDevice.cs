using System.Text.Json;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>The device of <c>node/device.js</c>: the official JavaScript client of the hub's protocol.</summary>
internal sealed class NodeDevice : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);
    private readonly OwnedProcess _process;

    private NodeDevice(OwnedProcess process) => _process = process;

    public bool HasExited => _process.HasExited;

    private IEnumerable<JsonElement> Lines =>
        _process.Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    public static async Task<NodeDevice> StartAsync(Route route, string sessionKey, string encoding)
    {
        var environment =
            new Dictionary<string, string?> { ["HALLEY_SESSION_KEY"] = sessionKey, ["NODE_EXTRA_CA_CERTS"] = route.CertificateFile };
        return new NodeDevice(OwnedProcess.Start(
            Tools.Require("node", "nodejs"), ["device.js", route.Address.OriginalString.TrimEnd('/'), encoding], environment,
            await Installed.Value));
    }

    /// <summary>How often something has happened so far.</summary>
    public int Count(string what) => Lines.Count(line => line.GetProperty("what").GetString() == what);

    /// <summary>The last of its kind.</summary>
    public JsonElement Last(string what) => Lines.Last(line => line.GetProperty("what").GetString() == what);

    public Task HappensAsync(string what, int times = 1) =>
        _process.WaitUntilAsync($"the device has said '{what}' {times} times", Soon, () => Task.FromResult(Count(what) >= times));

    public Task ExitsAsync() => Eventually.HoldsAsync("the device has ended", Soon, () => Task.FromResult(HasExited));

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // Its packages come from the registry, by the lock file with their hashes.
    private static async Task<string> InstallAsync()
    {
        var directory = Checkout.PathOf(Path.Combine("tests", "EndToEnd.Tests", "Live", "node"));
        (await ExternalProgram.RunAsync(
            Tools.Require("npm", "npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], workingDirectory: directory))
                .EnsureSuccess();
        return directory;
    }
}
