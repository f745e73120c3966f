using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Server.Hosting;
using StackExchange.Redis;

namespace Halley.Server.Instances;

/// <summary>
/// Messages between instances over Redis, to all or to one. A message that is sent while Redis is offline is lost, so no feature may depend
/// on it: the sender repeats what matters, or the receiver has another way to learn it. A single instance sends nothing.
/// </summary>
internal sealed partial class InstanceBus(
    InstancesOptions options, InstanceId self, InstanceSeal seal, TimeProvider time, ILogger<InstanceBus> logger) : IAsyncDisposable
{
    // Redis drops subscribers whose backlog is too large, so a large message is stored, and receivers fetch it.
    private const int LargestMessage = 128 * 1024;
    private static readonly TimeSpan LargeIsKept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ComplainEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Func<Guid, JsonElement, Task>> _handlers = new(StringComparer.Ordinal);
    private ConnectionMultiplexer? _redis;
    private long? _complainedAt;

    /// <summary>True if there may be other instances.</summary>
    public bool IsUsed => options.AreSeveral;

    public Guid Self => self.Value;

    /// <summary>True while Redis is connected.</summary>
    public bool IsConnected => _redis?.IsConnected == true;

    /// <summary>Available only after <see cref="ConnectAsync"/>.</summary>
    public IDatabase Redis => (_redis ?? throw new InvalidOperationException("The instances have not been joined yet.")).GetDatabase();

    /// <summary>Raised when Redis is online again; messages may have been lost in the meantime.</summary>
    public event Action? Restored;

    public string KeyOf(string name) => $"{options.Prefix}:{name}";

    /// <summary>
    /// Calls <paramref name="take"/> with each message of a kind, one after the other. It must not wait for anything slow.
    /// </summary>
    public void On<T>(string kind, Func<Guid, T, Task> take) =>
        _handlers[kind] = (from, body) => take(from, body.Deserialize<T>()!);

    /// <summary>Connects and subscribes. If Redis is offline, the server starts anyway and keeps trying.</summary>
    public async Task ConnectAsync()
    {
        var configuration = ConfigurationOptions.Parse(options.Redis!);
        configuration.AbortOnConnectFail = false;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ClientName ??= "halley";
        _redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        _redis.ConnectionFailed += (_, failure) => LogLost(failure.FailureType);
        _redis.ConnectionRestored += (_, connection) =>
        {
            LogBack(connection.ConnectionType);
            Restored?.Invoke();
        };
        await ListenAsync("all");
        await ListenAsync($"{Self:N}");
    }

    /// <summary>
    /// Sends a message to one instance. Returns false if nobody received it, because the instance is gone or Redis is offline.
    /// </summary>
    public async Task<bool> TellAsync<T>(Guid instance, string kind, T body) => await PublishAsync($"{instance:N}", kind, body) is > 0;

    /// <summary>Sends a message to all other instances. Returns false if Redis is offline.</summary>
    public async Task<bool> TellAllAsync<T>(string kind, T body) => await PublishAsync("all", kind, body) is not null;

    public async ValueTask DisposeAsync()
    {
        if (_redis is { } redis)
        {
            await redis.DisposeAsync();
        }
    }

    /// <summary>True for exceptions that Redis throws when it is offline or does not respond.</summary>
    public static bool IsAway(Exception failure) => failure is RedisException or TimeoutException or ObjectDisposedException;

    private RedisChannel ChannelOf(string name) => RedisChannel.Literal(KeyOf($"to:{name}"));

    private async Task ListenAsync(string name)
    {
        var subscriber = _redis!.GetSubscriber();
        ChannelMessageQueue queue;
        try
        {
            queue = await subscriber.SubscribeAsync(ChannelOf(name), IsConnected ? CommandFlags.None : CommandFlags.FireAndForget);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            queue = await subscriber.SubscribeAsync(ChannelOf(name), CommandFlags.FireAndForget);
        }

        queue.OnMessage(message => ReceiveAsync(message.Message));
    }

    // The number of receivers; null if Redis is offline.
    private async Task<long?> PublishAsync<T>(string name, string kind, T body)
    {
        if (!IsUsed || _redis is null)
        {
            return null;
        }

        try
        {
            var message = seal.Close(new Message<T>(Self, kind, body, Large: null));
            if (message.Length > LargestMessage)
            {
                var key = KeyOf($"large:{Guid.NewGuid():N}");
                await Redis.StringSetAsync(key, message, LargeIsKept);
                message = seal.Close(new Message<T?>(Self, kind, default, key));
            }

            return await _redis.GetSubscriber().PublishAsync(ChannelOf(name), message);
        }
        catch (Exception failure) when (IsAway(failure))
        {
            return null;
        }
    }

    private async Task ReceiveAsync(RedisValue value)
    {
        try
        {
            var message = seal.Open<Message<JsonElement>>(value!);
            if (message.From == Self)
            {
                return;
            }

            if (message.Large is { } key)
            {
                message = seal.Open<Message<JsonElement>>((await Redis.StringGetAsync(key))!);
            }

            if (_handlers.TryGetValue(message.Kind, out var take))
            {
                await take(message.From, message.Body);
            }
        }
        catch (CryptographicException failure)
        {
            if (_complainedAt is not { } last || time.GetElapsedTime(last) > ComplainEvery)
            {
                _complainedAt = time.GetTimestamp();
                LogNotReadable(failure);
            }
        }
#pragma warning disable CA1031 // the boundary of the loop: the next message is another one
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(failure);
        }
    }

    /// <param name="From">The sender.</param>
    /// <param name="Kind">The kind of message.</param>
    /// <param name="Body">The message.</param>
    /// <param name="Large">The key in Redis that holds the message, if it is too large to be sent.</param>
    private sealed record Message<T>(Guid From, string Kind, T Body, string? Large);

    [LoggerMessage(
        LogEvents.RedisLost, LogLevel.Warning, "Redis is away ({Failure}): this instance knows only its own devices until it is back")]
    private partial void LogLost(ConnectionFailureType failure);

    [LoggerMessage(LogEvents.RedisBack, LogLevel.Information, "Redis is back ({Connection})")]
    private partial void LogBack(ConnectionType connection);

    [LoggerMessage(LogEvents.InstanceMessageUnreadable, LogLevel.Error,
        "A message of another instance cannot be read: give all instances the same keys, by a common Halley:KeysDirectory")]
    private partial void LogNotReadable(Exception failure);

    [LoggerMessage(LogEvents.InstanceMessageFailed, LogLevel.Error, "A message of another instance could not be taken")]
    private partial void LogFailed(Exception failure);
}
