using System.Globalization;

namespace Halley.Testing;

/// <summary>
/// A private Redis from Debian's package. It stores nothing on disk, so its data is lost when it ends. A restart keeps its port.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePort.Take();
    private OwnedProcess? _process;

    private RedisServer()
    {
    }

    public string ConnectionString => $"127.0.0.1:{_port}";

    public static async Task<RedisServer> StartAsync()
    {
        var redis = NotStarted();
        try
        {
            await redis.StartAgainAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>A server that is down until <see cref="StartAgainAsync"/>.</summary>
    public static RedisServer NotStarted() => new();

    public async Task StartAgainAsync()
    {
        _process = OwnedProcess.Start(
            Tools.Require("redis-server", "redis-server"),
            ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                _directory.Path]);
        await _process.WaitUntilAsync("Redis listens", StartDeadline, () => PortProbe.ListensAsync(_port));
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }
}
