using System.Text.Json;
using Halley.Protocol.Jobs;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>A machine with files, an account and an agent that a test may kill.</summary>
internal sealed class ScenarioMachine : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HalleyProgram _halley = new("", "");
    private OwnedProcess? _agent;

    /// <param name="user">Its account.</param>
    /// <param name="password">Password of the account.</param>
    /// <param name="certificates">Certificates that it trusts.</param>
    /// <param name="proxy">Its proxy; null for none.</param>
    public ScenarioMachine(string user, string password, string certificates, string? proxy = null)
    {
        User = user;
        Source = _directory.CreateSubdirectory("source");
        _halley.Variables["HALLEY_STATE_DIR"] = _directory["state"];
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = password;
        _halley.Variables["SSL_CERT_FILE"] = certificates;
        if (proxy is not null)
        {
            _halley.Variables["HALLEY_PROXY"] = proxy;
        }
    }

    public string User { get; }

    public string Source { get; }

    public string ItemId => $"item-{DeviceId}";

    public string DeviceId { get; private set; } = "";

    public string Password
    {
        set => _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = value;
    }

    public OwnedProcess Agent => _agent ?? throw new InvalidOperationException("The agent was not started.");

    public string this[string name] => _directory[name];

    public async Task SignInAsync(Uri server)
    {
        await _halley.RunAsync("login", server.ToString(), User);
        using var device = JsonDocument.Parse(await File.ReadAllTextAsync(_directory["state", "device.json"]));
        DeviceId = device.RootElement.GetProperty("id").GetString()!;
    }

    public Task<ProgramRun> RunAsync(params string[] command) => _halley.RunAsync(command);

    public void StartAgent() => _agent = _halley.Start("agent");

    /// <summary>A further machine whose disk is a copy of this one's.</summary>
    public OwnedProcess StartClone()
    {
        var state = Directory.CreateDirectory(_directory["clone"]).FullName;
        foreach (var file in Directory.GetFiles(_directory["state"], "*.json"))
        {
            File.Copy(file, Path.Combine(state, Path.GetFileName(file)));
        }

        var environment = _halley.Variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value);
        environment["HALLEY_STATE_DIR"] = state;
        return OwnedProcess.Start(HalleyProgram.Command[0], [.. HalleyProgram.Command.Skip(1), "agent"], environment);
    }

    public async Task KillAgentAsync() => await Agent.DisposeAsync();

    /// <summary>Writes some files anew.</summary>
    public async Task ChangeFilesAsync(Random randomness, int files = 4)
    {
        for (var i = 0; i < files; i++)
        {
            var content = new byte[randomness.Next(1, 200_000)];
            randomness.NextBytes(content);
            var folder = Directory.CreateDirectory(Path.Combine(Source, $"folder-{randomness.Next(4)}"));
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"file-{randomness.Next(12)}"), content);
        }
    }

    /// <summary>The newest snapshot of this machine, restored, is equal to its files.</summary>
    public async Task AssertRestoresAsync()
    {
        var list = JsonDocument.Parse((await RunAsync("-r", "vault:off", "snapshots", "--json")).StandardOutput).RootElement;
        var newest = list.EnumerateArray()
            .Last(one => one.GetProperty("tags").EnumerateArray().Any(tag => tag.GetString() == $"halley:item={ItemId}"));
        var target = _directory[$"restored-{Guid.NewGuid():N}"];
        await RunAsync("-r", "vault:off", "restore", newest.GetProperty("id").GetString()!, "--target", target);
        TreeComparison.AssertEqual(Source, target + Source);
    }

    /// <summary>The status of all jobs by their id, as this machine remembers them.</summary>
    public async Task<Dictionary<string, JobStatus>> JobsAsync() =>
        JsonDocument.Parse((await RunAsync("jobs", "--json", "--latest", "2000")).StandardOutput).RootElement.EnumerateArray()
            .ToDictionary(job => job.GetProperty("id").GetString()!, job => (JobStatus)job.GetProperty("status").GetInt64());

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }

        _halley.Dispose();
        _directory.Dispose();
    }
}
