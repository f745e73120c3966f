namespace Halley.Testing;

/// <summary>The built command <c>halley</c>, in a process of its own for each call, on one vault and with a cache of its own.</summary>
public sealed class HalleyProgram : IDisposable
{
    private readonly TemporaryDirectory _cache = new();
    private readonly Dictionary<string, string> _environment;

    public HalleyProgram(string repository, string password)
    {
        _environment = new Dictionary<string, string>
        {
            ["HALLEY_REPOSITORY"] = repository,
            ["HALLEY_PASSWORD"] = password,
            ["HALLEY_CACHE_DIR"] = _cache.Path,
            ["HALLEY_PROGRESS_FPS"] = "0.01",
        };
    }

    /// <summary>What starts it: a program and its first argument.</summary>
    public static IReadOnlyList<string> Command => File.Exists(Checkout.ClientAssembly)
        ? [Tools.Require("dotnet", "dotnet-sdk-10.0"), Checkout.ClientAssembly]
        : throw new InvalidOperationException(
            $"{Checkout.ClientAssembly} is missing: build src/Cli with -c {Checkout.Configuration} first.");

    /// <summary>The variables that it is started with; a test may set further ones.</summary>
    public Dictionary<string, string> Variables => _environment;

    /// <summary>Where copies of index and directories are kept.</summary>
    public string CacheDirectory => _cache.Path;

    /// <summary>Runs a command that is expected to work; throws with its own words when it does not.</summary>
    public async Task<ProgramRun> RunAsync(params string[] arguments) => (await TryAsync(arguments)).EnsureSuccess();

    /// <summary>Runs a command to its end and returns its result, success or not.</summary>
    public Task<ProgramRun> TryAsync(params string[] arguments) =>
        ExternalProgram.RunAsync(Command[0], [.. Command.Skip(1), .. arguments], _environment);

    /// <summary>Runs a command that a shell feeds: <c>printf x | $halley backup --stdin</c>.</summary>
    public Task<ProgramRun> ShellAsync(string script) => ExternalProgram.RunAsync(
        Tools.Require("bash", "bash"), ["-o", "pipefail", "-c", script],
        new Dictionary<string, string>(_environment) { ["halley"] = string.Join(' ', Command) });

    /// <summary>Starts a command and leaves it running.</summary>
    public OwnedProcess Start(params string[] arguments) => OwnedProcess.Start(
        Command[0], [.. Command.Skip(1), .. arguments], _environment.ToDictionary(
            variable => variable.Key, variable => (string?)variable.Value));

    public void Dispose() => _cache.Dispose();
}
