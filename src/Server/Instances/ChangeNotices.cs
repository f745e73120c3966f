using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Halley.Server.Instances;

/// <summary>
/// The data that instances keep in memory and notify each other about. Every instance also polls every few seconds, so a lost notice only
/// costs that time.
/// </summary>
internal static class Changes
{
    public const string Settings = "settings";
    public const string Organizations = "organizations";
    public const string Events = "events";
}

/// <summary>
/// Notifies other instances of a change in the database, so that they read it again at once. Notices of the same kind are merged.
/// </summary>
internal sealed partial class ChangeNotices : BackgroundService
{
    private const string Kind = "changed";
    private readonly InstanceBus _bus;
    private readonly ILogger _logger;
    private readonly Channel<string> _toTell = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, Follower> _followers = new(StringComparer.Ordinal);

    public ChangeNotices(InstanceBus bus, ILogger<ChangeNotices> logger)
    {
        (_bus, _logger) = (bus, logger);
        bus.On<string>(Kind, TakeAsync);
    }

    /// <summary>Announces that one of <see cref="Changes"/> has changed here and is stored.</summary>
    public void Announce(string what)
    {
        if (_bus.IsUsed)
        {
            _toTell.Writer.TryWrite(what);
        }
    }

    /// <summary>Calls <paramref name="readAgain"/> after another instance has announced <paramref name="what"/>.</summary>
    public void Follow(string what, Func<Task> readAgain) => _followers[what] = new Follower(readAgain);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _toTell.Reader.WaitToReadAsync(stoppingToken))
            {
                var what = new HashSet<string>(StringComparer.Ordinal);
                while (_toTell.Reader.TryRead(out var one))
                {
                    what.Add(one);
                }

                foreach (var one in what)
                {
                    await _bus.TellAllAsync(Kind, one);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // Runs separately, because receiving messages must not wait for a database.
    private Task TakeAsync(Guid from, string what)
    {
        if (_followers.TryGetValue(what, out var follower) && follower.Ask())
        {
            _ = Task.Run(() => FollowAsync(what, follower));
        }

        return Task.CompletedTask;
    }

    private async Task FollowAsync(string what, Follower follower)
    {
        do
        {
            try
            {
                await follower.ReadAgain();
            }
#pragma warning disable CA1031 // no caller waits for this; the check every few seconds makes up for it
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogNotFollowed(what, failure);
            }
        }
        while (follower.IsAskedAgain());
    }

    /// <summary>One read covers all notices that arrived before it began.</summary>
    private sealed class Follower(Func<Task> readAgain)
    {
        private readonly Lock _lock = new();
        private bool _reads;
        private bool _again;

        public Func<Task> ReadAgain => readAgain;

        /// <summary>True if the caller must start reading.</summary>
        public bool Ask()
        {
            lock (_lock)
            {
                _again = _reads;
                return !_reads && (_reads = true);
            }
        }

        public bool IsAskedAgain()
        {
            lock (_lock)
            {
                (_reads, _again) = (_again, false);
                return _reads;
            }
        }
    }

    [LoggerMessage(LogEvents.ChangeNotFollowed, LogLevel.Warning,
        "The {What} that another instance has changed could not be read at once; they are read within seconds")]
    private partial void LogNotFollowed(string what, Exception failure);
}
