using System.Diagnostics;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Agent.Running;
using Halley.Client.Keys;
using Halley.Client.Repository;
using Halley.Protocol.Client;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A machine that is signed in, with a vault in a directory, a folder of files, and what runs its jobs.</summary>
internal sealed class TestAgent : IDisposable
{
    public const string ItemId = "item-1";
    public const string VaultId = "vault-1";

    private static readonly AccountKeys Keys = AccountKeys.TryDerive(AccountKeys.CurrentKdf, "anna", "a pass phrase", out var keys, out _)
        ? keys
        : throw new UnreachableException();

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new();
    private readonly DeviceState _device = DeviceState.Make();

    public TestAgent()
    {
        var server = new Uri("http://127.0.0.1:9/");
        Source = _directory.CreateSubdirectory("source");
        State = new StateDirectory(_directory["state"]);
        State.Save(_device);
        State.Save(new SignedInAccount(server, "anna", _device.Id, "session", DateTime.UnixEpoch, DeviceKeys.Seal(_device.KeyBytes, Keys)));
        History = JobHistory.Open(State, "1.2.3", TimeProvider.System);
        Options = new JobRunnerOptions
        {
            State = State,
            History = History,
            ReadProfile = _ => ProfileProblem is { } problem
                ? Task.FromException<ProfileState>(problem)
                : Task.FromResult(new ProfileState(CometJson.Copy(Profile), "tag")),
            FindProfile = () => Profile,
            Account = new DeviceAccount(State, new HalleyClient(_http, server, TimeProvider.System)),
            Http = _http,
            CacheDirectory = _directory["cache"],
            ClientVersion = "1.2.3",
            ShowsFileNames = () => ShowsFileNames,
            Random = new Random(1),
        };
        Runner = new JobRunner(Options);
        Handlers = new CommandHandlers(Runner, Options);
    }

    /// <summary>Why the server gives no profile; null when it does.</summary>
    public Exception? ProfileProblem { get; set; }

    public string Source { get; }

    public StateDirectory State { get; }

    public JobHistory History { get; }

    public JobRunnerOptions Options { get; }

    public JobRunner Runner { get; }

    public CommandHandlers Handlers { get; }

    public UserProfileConfig Profile { get; } = new();

    public SourceConfig TheItem => Profile.Sources[ItemId];

    public DestinationConfig TheVault => Profile.Destinations[VaultId];

    public bool ShowsFileNames { get; set; } = true;

    public string this[params ReadOnlySpan<string> names] => _directory.Combine(names);

    /// <summary>With an item of the whole folder and a vault that is set up.</summary>
    public static async Task<TestAgent> CreateAsync()
    {
        var agent = new TestAgent();
        await agent.AddVaultAsync(VaultId);
        agent.AddItem(ItemId, FileItem.Engine, ("INCLUDE-1", agent.Source));
        return agent;
    }

    public async Task AddVaultAsync(string id)
    {
        var config = new DestinationConfig
        {
            Description = $"The {id}",
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = _directory.Combine(id),
        };
        using var key = EKey.CreateRandom();
        key.SealInto(Keys.RKey, config, TimeProvider.System);
        using var vault = await Vault.CreateAsync(
            new DiskBlobStore(config.LocalcopyPath), key.Password, EKey.Parameters, null, CancellationToken.None);
        Profile.Destinations.Add(id, config);
    }

    public SourceConfig AddItem(string id, string engine, params (string Name, string Value)[] properties)
    {
        var item = new SourceConfig
        {
            Engine = engine,
            Description = $"The {id}",
            OwnerDevice = _device.Id,
            EngineProps = properties.ToDictionary(property => property.Name, property => property.Value),
        };
        Profile.Sources[id] = item;
        return item;
    }

    public async Task<Vault> OpenVaultAsync(string id = VaultId)
    {
        using var key = new ProfileVault(id, Profile.Destinations[id]).OpenKey(Keys.RKey);
        return await Vault.OpenAsync(new DiskBlobStore(Profile.Destinations[id].LocalcopyPath), key.Password, null, CancellationToken.None);
    }

    public string AddFile(string name, string content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            // A server in this process may have narrowed the umask.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        return path;
    }

    public async Task<BackupJobDetail> BackUpAsync(
        BackupJobAdvancedOptions? options = null, string item = ItemId, string vault = VaultId) => await EndOfAsync(
        await Runner.StartBackupAsync(item, vault, options, "", CancellationToken.None));

    public async Task<BackupJobDetail> RestoreAsync(RestoreJobAdvancedOptions options, params string[] paths) => await EndOfAsync(
        await Runner.StartRestoreAsync(new RunRestoreArguments(ItemId, VaultId, options, Paths: paths), CancellationToken.None));

    public async Task<BackupJobDetail> EndOfAsync(Guid job)
    {
        await Runner.WaitAsync(job);
        return History.Archive.Find(job)!;
    }

    public string LogOf(BackupJobDetail job) => string.Join(
        '\n', History.Archive.ReadLog(Guid.Parse(job.GUID)).Select(entry => $"{entry.Severity} {entry.Message}"));

    /// <summary>Gives a command as the server does.</summary>
    public Task<CommandReport> CommandAsync<TArguments>(CommandKind<TArguments> kind, TArguments arguments)
        where TArguments : class => Handlers.RunAsync(
            new DeviceCommand(Guid.NewGuid(), kind.Name, kind.Write(arguments), DateTime.MaxValue), CancellationToken.None);

    /// <summary>The answer to a command that was done.</summary>
    public async Task<TAnswer> AnswerAsync<TArguments, TAnswer>(CommandKind<TArguments, TAnswer> kind, TArguments arguments)
        where TArguments : class
        where TAnswer : class
    {
        var report = await CommandAsync(kind, arguments);
        Assert.Equal((CommandStates.Done, ""), (report.State, report.Message));
        Assert.True(kind.IsAnswer(report.Answer));
        return kind.ReadAnswer(report.Answer);
    }

    public void Dispose()
    {
        _http.Dispose();
        _directory.Dispose();
    }
}
