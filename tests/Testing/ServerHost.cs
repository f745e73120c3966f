using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.OwnVaults;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Testing;

/// <summary>Differences from an ordinary test server.</summary>
public sealed class ServerHostOptions
{
    public TestDatabase Database { get; init; } = TestDatabase.Sqlite;

    /// <summary>True for a real socket; otherwise requests are handed over in memory.</summary>
    public bool Kestrel { get; init; }

    /// <summary>A clock the test moves; a job that has become due several times meanwhile runs once.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Settings, such as <c>Halley:Sessions:IdleMinutes</c>.</summary>
    public Dictionary<string, string> Settings { get; init; } = [];

    /// <summary>An existing data directory, which then is left behind; by default one of the host's own.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>An existing PostgreSQL database, which then is left behind; by default one of the host's own.</summary>
    public string? ConnectionString { get; init; }
}

/// <summary>The whole server in this process, with a data directory and a database of its own. Tests speak to it as its users do.</summary>
public sealed class ServerHost : IAsyncDisposable
{
    public const string Username = "alice";
    public const string Password = "correct horse";

    private readonly ServerHostOptions _options;
    private readonly TemporaryDirectory? _ownDirectory;
    private readonly Factory _factory;

    private ServerHost(ServerHostOptions options, TemporaryDirectory? ownDirectory, string? connectionString)
    {
        (_options, _ownDirectory, ConnectionString) = (options, ownDirectory, connectionString);
        DataDirectory = options.DataDirectory ?? ownDirectory!.Path;
        _factory = new Factory(options, DataDirectory, connectionString);
        if (options.Kestrel)
        {
            _factory.UseKestrel(0);
        }
    }

    public string DataDirectory { get; }

    public string? ConnectionString { get; }

    /// <summary>A client without credentials, which follows no redirects and keeps no cookies.</summary>
    public HttpClient Http { get; private set; } = null!;

    public string SetupToken => File.ReadAllText(Path.Combine(DataDirectory, "setup-token")).Trim();

    public static Task<ServerHost> StartAsync(TestDatabase database) => StartAsync(new ServerHostOptions { Database = database });

    public static async Task<ServerHost> StartAsync(ServerHostOptions? options = null)
    {
        options ??= new ServerHostOptions();
        var connectionString = options.ConnectionString
            ?? (options.Database == TestDatabase.PostgreSql ? await MigratedDatabase.CopyOnPostgresAsync() : null);
        var host = new ServerHost(options, options.DataDirectory is null ? new TemporaryDirectory() : null, connectionString);
        try
        {
            if (host._ownDirectory is { } directory && connectionString is null)
            {
                await MigratedDatabase.CopyToAsync(directory.Combine("halley.db"));
            }

            host.Http = host.CreateClient();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A started server with an administrator in it.</summary>
    public static async Task<ServerHost> StartWithAdministratorAsync(ServerHostOptions? options = null)
    {
        var host = await StartAsync(options);
        await host.CreateAdministratorAsync();
        return host;
    }

    public HttpClient CreateClient()
    {
        _factory.StartServer();
        return _factory.CreateClient(new WebApplicationFactoryClientOptions
        {
            AllowAutoRedirect = false,
            HandleCookies = false,
            BaseAddress = _factory.ClientOptions.BaseAddress,
        });
    }

    /// <summary>A service of the server, for state that is not visible from outside.</summary>
    public T Service<T>()
        where T : notnull => _factory.Services.GetRequiredService<T>();

    /// <summary>Tells connected devices of lost files, as the server does each minute.</summary>
    public Task TellOfLossesAsync() => Service<LossNoticeWork>().RunOnceAsync(CancellationToken.None);

    public AsyncServiceScope CreateScope() => _factory.Services.CreateAsyncScope();

    public async Task CreateAdministratorAsync(string username = Username, string password = Password)
    {
        var answer = await CallCometAsync(
            "admin/add-first-admin-user", [new("TargetUser", username), new("TargetPassword", password)],
            ("X-Halley-Setup-Token", SetupToken));
        if (answer.GetProperty("Status").GetInt32() != 200)
        {
            throw new InvalidOperationException($"No administrator was made: {answer}");
        }
    }

    public Task<HttpResponseMessage> TrySignInAsync(string username = Username, string password = Password) =>
        Http.PostAsJsonAsync(Routes.Sessions, new StartSession(username, password));

    public async Task<SessionStarted> StartSessionAsync(string username = Username, string password = Password)
    {
        using var answer = await TrySignInAsync(username, password);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!;
    }

    /// <summary>A client that is signed in as an administrator.</summary>
    public async Task<HttpClient> SignInAsync(string username = Username, string password = Password)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", (await StartSessionAsync(username, password)).SessionKey);
        return client;
    }

    /// <summary>A call of the vendor's API, which returns JSON; with HTTP 200, unless a call for bytes is refused.</summary>
    public async Task<JsonElement> CallCometAsync(
        string path, IEnumerable<KeyValuePair<string, string>> fields, params (string Name, string Value)[] headers)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, $"{Routes.CometApi}/{path}") { Content = new FormUrlEncodedContent(fields) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType?.ToString() == "application/json")
        {
            var json = JsonDocument.Parse(text).RootElement;
            if ((int)answer.StatusCode == 200 || json.GetProperty("Status").GetInt32() == (int)answer.StatusCode)
            {
                return json;
            }
        }

        throw new InvalidOperationException(
            $"Not an answer of the vendor's kind: {answer.StatusCode} {answer.Content.Headers.ContentType} {text}");
    }

    /// <summary>The log on disk. The server must have been stopped, because the log is written in batches.</summary>
    public static string ReadLog(string dataDirectory) =>
        string.Concat(Directory.GetFiles(Path.Combine(dataDirectory, "logs")).Order(StringComparer.Ordinal).Select(File.ReadAllText));

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await _factory.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (ConnectionString is not null && _options.ConnectionString is null)
        {
            await PostgresCluster.DropDatabaseAsync(ConnectionString);
        }

        _ownDirectory?.Dispose();
    }

    private sealed class Factory(ServerHostOptions options, string dataDirectory, string? connectionString) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseContentRoot(AppContext.BaseDirectory);
            foreach (var (key, value) in Settings())
            {
                builder.UseSetting(key, value);
            }

            if (options.Time is { } time)
            {
                builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(new WakingClock(time)));
            }
        }

        // Work factor 4 and no delay: both protections have tests of their own, and all other tests would only wait.
        private Dictionary<string, string> Settings()
        {
            var settings = new Dictionary<string, string>
            {
                ["Halley:DataDirectory"] = dataDirectory,
                ["Halley:Credentials:WorkFactor"] = "4",
                ["Halley:Credentials:FailureDelay"] = "00:00:00",
            };
            if (connectionString is not null)
            {
                settings["Halley:Database:Provider"] = "PostgreSql";
                settings["Halley:Database:ConnectionString"] = connectionString;
            }

            foreach (var (key, value) in options.Settings)
            {
                settings[key] = value;
            }

            return settings;
        }
    }
}
