using System.Collections;
using System.Diagnostics;
using System.Net;

namespace Halley.Testing;

/// <summary>The built server in a process of its own, as an operator runs it. It keeps its port and data when started again.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly ServerSettings _settings;
    private readonly TemporaryDirectory? _ownData;
    private readonly HttpClient _probe = new();
    private OwnedProcess? _process;

    private ServerProcess(ServerSettings settings)
    {
        _settings = settings;
        _ownData = settings.DataDirectory is null ? new TemporaryDirectory() : null;
        DataDirectory = settings.DataDirectory ?? _ownData!.Combine("data");
        Address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
    }

    public Uri Address { get; }

    public string DataDirectory { get; }

    /// <summary>Directory of the volume that the server makes for itself.</summary>
    public string FirstVolume => Path.Combine(DataDirectory, "volume-1");

    /// <summary>Time from the start of the process to the first good response, less the time its threads waited for a processor.</summary>
    public TimeSpan OwnStartupTime { get; private set; }

    public string Output => _process?.Output ?? "";

    public int Id => Running.Id;

    private OwnedProcess Running => _process ?? throw new InvalidOperationException("The server is not running.");

    public static async Task<ServerProcess> StartAsync(ServerSettings? settings = null)
    {
        var server = new ServerProcess(settings ?? new ServerSettings());
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts it after <see cref="KillAsync"/> or <see cref="StopAsync"/>; <paramref name="waitFor"/> replaces
    /// <see cref="ServerSettings.WaitFor"/>.
    /// </summary>
    public async Task StartAgainAsync(string? waitFor = null)
    {
        if (!File.Exists(Checkout.ServerAssembly))
        {
            throw new InvalidOperationException(
                $"{Checkout.ServerAssembly} is missing: build src/Server with -c {Checkout.Configuration} first.");
        }

        var probe = new Uri(Address, waitFor ?? _settings.WaitFor);
        var clock = Stopwatch.StartNew();
        _process = OwnedProcess.Start(
            Tools.Require("dotnet", "dotnet-sdk-10.0"), [Checkout.ServerAssembly, "--urls", Address.OriginalString], Environment(),
            Path.GetTempPath());
        await _process.WaitUntilAsync($"{probe} answers 200", StartDeadline, () => AnswersAsync(probe));
        OwnStartupTime = clock.Elapsed - ProcessorWait.Of(_process.Id);
    }

    /// <summary>Sends SIGKILL: no code of the server runs any more.</summary>
    public async Task KillAsync()
    {
        await Running.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGTERM, and a clean exit is demanded.</summary>
    public async Task StopAsync()
    {
        var exitCode = await Running.StopAsync();
        var output = Running.Output;
        await Running.DisposeAsync();
        _process = null;
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The server ended with {exitCode} on SIGTERM:\n{output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _probe.Dispose();
        _ownData?.Dispose();
    }

    private async Task<bool> AnswersAsync(Uri probe)
    {
        try
        {
            using var response = await _probe.GetAsync(probe);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Nothing of the environment in which the tests run may reach the server's configuration.
    private Dictionary<string, string?> Environment()
    {
        var environment = new Dictionary<string, string?>();
        foreach (DictionaryEntry inherited in System.Environment.GetEnvironmentVariables())
        {
            var name = (string)inherited.Key;
            if (name.StartsWith("Halley__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal))
            {
                environment[name] = null;
            }
        }

        environment["Halley__DataDirectory"] = DataDirectory;
        foreach (var (name, value) in _settings.Options)
        {
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return environment;
    }
}
