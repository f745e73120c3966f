using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Live;
using Halley.Testing;
using Halley.Testing.Live;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Instances;

/// <summary>Two servers on one PostgreSQL and one Redis. The storage is at the first.</summary>
internal sealed class TwoInstances : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _keys = new();
    private readonly FakeTimeProvider? _clock;
    private LiveHost? _first;
    private LiveHost? _second;

    private TwoInstances(RedisServer redis, FakeTimeProvider? clock) => (Redis, _clock) = (redis, clock);

    public RedisServer Redis { get; }

    public LiveHost First => _first!;

    public LiveHost Second => _second!;

    /// <param name="clock">A clock for both, by which nothing is due that the test does not wait for.</param>
    /// <param name="redis">One that the test has made; otherwise one that runs.</param>
    public static async Task<TwoInstances> StartAsync(FakeTimeProvider? clock = null, RedisServer? redis = null)
    {
        var both = new TwoInstances(redis ?? await RedisServer.StartAsync(), clock);
        try
        {
            var first = await ServerHost.StartWithAdministratorAsync(both.Options(connectionString: null));
            await first.AddUserByLKeyAsync();
            both._first = await LiveHost.OnAsync(first, clock);
            await both.StartSecondAsync();
            return both;
        }
        catch
        {
            await both.DisposeAsync();
            throw;
        }
    }

    public async Task StartSecondAsync() =>
        _second = await LiveHost.OnAsync(await ServerHost.StartAsync(Options(First.Server.ConnectionString)), _clock);

    public async Task StopSecondAsync()
    {
        if (_second is { } second)
        {
            _second = null;
            await second.DisposeAsync();
        }
    }

    /// <summary>Waits until an instance knows a device that is connected to the other one, and returns what it knows.</summary>
    public static async Task<Protocol.Live.LiveConnectionInfo> IsSeenAsync(LiveHost from, TestDevice device)
    {
        await IsAsync(
            "the other instance knows the device", async () => (await from.ActiveAsync()).ContainsKey(device.Welcome.ConnectionId));
        return (await from.DeviceAsync()).Connection!;
    }

    public static Task IsAsync(string what, Func<Task<bool>> condition) => Eventually.HoldsAsync(what, Soon, condition);

    public async ValueTask DisposeAsync()
    {
        await StopSecondAsync();
        if (_first is { } first)
        {
            await first.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _keys.Dispose();
    }

    private ServerHostOptions Options(string? connectionString) => new()
    {
        Database = TestDatabase.PostgreSql,
        Kestrel = true,
        Time = _clock,
        ConnectionString = connectionString,
        Settings =
        {
            ["Halley:Instances:Redis"] = Redis.ConnectionString,
            ["Halley:KeysDirectory"] = _keys.Path,
            ["Halley:Storage:Enabled"] = connectionString is null ? "true" : "false",
        },
    };
}
