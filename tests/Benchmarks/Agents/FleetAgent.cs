using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Benchmarks.Client;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Benchmarks.Agents;

/// <summary>A machine: an account with a bucket on the server, a folder of small files, and a process that is its agent.</summary>
internal sealed class FleetAgent : IAsyncDisposable
{
    private const string Item = "item";
    private const string Vault = "vault";
    private const string Password = "a pass phrase of a machine";

    private readonly string _user;
    private readonly string _directory;
    private readonly HalleyBuild _build;
    private readonly Dictionary<string, string> _variables;
    private OwnedProcess? _process;

    public FleetAgent(int number, TemporaryDirectory directory, HalleyBuild build)
    {
        _user = string.Create(CultureInfo.InvariantCulture, $"machine-{number:D4}");
        _directory = directory.CreateSubdirectory(_user);
        _build = build;
        _variables = new Dictionary<string, string>
        {
            ["HALLEY_STATE_DIR"] = Path.Combine(_directory, "state"),
            ["HALLEY_CACHE_DIR"] = Path.Combine(_directory, "cache"),
            ["HALLEY_ACCOUNT_PASSWORD"] = Password,
        };
    }

    public int ProcessId => _process!.Id;

    public string DeviceId { get; private set; } = "";

    private string Source => Path.Combine(_directory, "source");

    /// <summary>Makes the account and the files, signs the machine in, and gives the account a vault that nobody has used.</summary>
    public async Task SetUpAsync(HttpClient admin, int files)
    {
        AddFiles(files);
        if (!AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out var problem))
        {
            throw new InvalidOperationException($"{problem}");
        }

        using var made = await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: lKey));
        made.EnsureSuccessStatusCode();
        await RunAsync("login", $"{admin.BaseAddress}", _user);
        using var status = JsonDocument.Parse((await RunAsync("status", "--json")).StandardOutput);
        DeviceId = status.RootElement.GetProperty("device_id").GetString()!;
        await GiveVaultAsync(admin);
    }

    public void Start() => _process = OwnedProcess.Start(
        _build.Path, [.. _build.Arguments, "agent"],
        _variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value));

    /// <summary>Orders a backup, as an administrator does.</summary>
    public async Task BackUpAsync(HttpClient admin)
    {
        var command = CommandCatalog.RunBackup.Request(new RunBackupArguments(Item, Vault)) with { WaitSeconds = 60 };
        using var answer = await admin.PostAsJsonAsync($"{Routes.Devices}/{DeviceId}/commands", command);
        answer.EnsureSuccessStatusCode();
        var given = (await answer.Content.ReadFromJsonAsync<DeviceCommandInfo>())!;
        if (given.State != CommandStates.Done)
        {
            throw new InvalidOperationException($"{_user} did not begin: {given.Code} {given.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private void AddFiles(int count)
    {
        Directory.CreateDirectory(Source);
        var random = new Random(_user.GetHashCode(StringComparison.Ordinal));
        for (var file = 0; file < count; file++)
        {
            var content = new byte[random.Next(1, 64 * 1024)];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(Source, string.Create(CultureInfo.InvariantCulture, $"file-{file:D4}")), content);
        }
    }

    private async Task<ProgramRun> RunAsync(params string[] arguments) =>
        (await ExternalProgram.RunAsync(_build.Path, [.. _build.Arguments, .. arguments], _variables)).EnsureSuccess();

    private async Task GiveVaultAsync(HttpClient admin)
    {
        using var answer = await admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket());
        answer.EnsureSuccessStatusCode();
        var bucket = (await answer.Content.ReadFromJsonAsync<BucketCreated>())!;
        var path = new Uri($"{Routes.ToAccount(_user)}/profile", UriKind.Relative);
        using var read = await admin.GetAsync(path);
        var profile = (await read.Content.ReadFromJsonAsync<UserProfileConfig>(CometJson.Options))!;
        profile.Destinations[Vault] = new DestinationConfig
        {
            Description = "offsite",
            DestinationType = DestinationTypes.Server,
            CometServer = $"{admin.BaseAddress}",
            CometBucket = bucket.Bucket.Id,
            CometBucketKey = bucket.Secret!,
            DefaultRetention = new RetentionPolicy { Mode = RetentionPolicy.KeepAll },
        };
        profile.Sources[Item] = new SourceConfig
        {
            Engine = "engine1/file",
            OwnerDevice = DeviceId,
            EngineProps = new Dictionary<string, string> { ["INCLUDE-1"] = Source },
        };
        using var save = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { read.Headers.ETag! } },
        };
        using var saved = await admin.SendAsync(save);
        saved.EnsureSuccessStatusCode();
    }
}
