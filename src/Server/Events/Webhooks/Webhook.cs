using System.Net.Http.Headers;
using System.Threading.Channels;
using Halley.Protocol.Events;
using Halley.Protocol.Settings;

namespace Halley.Server.Events.Webhooks;

/// <summary>One address that receives events, with its own queue and worker: if it is slow or offline, no other webhook waits.</summary>
internal sealed partial class Webhook : IAsyncDisposable
{
    private const int LongestQueue = 1000;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];
    private readonly string _name;
    private readonly WebhookOption _option;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(LongestQueue);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;
    private long _dropped;

    public Webhook(string name, WebhookOption option, HttpClient http, TimeProvider time, ILogger logger)
    {
        (_name, _option, _http, _time, _logger) = (name, option, http, time, logger);
        _work = Task.Run(WorkAsync);
    }

    /// <summary>Messages that were not delivered.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public string Level => _option.Level;

    public bool Wants(StreamableEventType type) => _option.WhiteListedEventTypes.Count == 0 || _option.WhiteListedEventTypes.Contains(type);

    public void Enqueue(StreamableEvent record)
    {
        if (!_queue.Writer.TryWrite(EventWire.ToJson(record)) && Interlocked.Increment(ref _dropped) % LongestQueue == 1)
        {
            LogQueueFull(_logger, _name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WorkAsync()
    {
        await foreach (var body in _queue.Reader.ReadAllAsync(_stopping.Token))
        {
            await DeliverAsync(body);
        }
    }

    private async Task DeliverAsync(byte[] body)
    {
        // The same for all attempts, so that a receiver recognizes duplicates.
        var tracing = Guid.NewGuid().ToString();
        for (var tries = 0; ; tries++)
        {
            var failure = await TryAsync(body, tracing);
            if (failure is null)
            {
                return;
            }

            if (tries == Pauses.Length)
            {
                Interlocked.Increment(ref _dropped);
                LogGivenUp(_logger, _name, tries + 1, failure);
                return;
            }

            await Task.Delay(Pauses[tries], _time, _stopping.Token);
        }
    }

    private async Task<string?> TryAsync(byte[] body, string tracing)
    {
        using var limit = new CancellationTokenSource(LongestAnswer, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, _option.URL) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("x-Comet-Tracing-Id", tracing);
        foreach (var (name, value) in _option.CustomHeaders)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.StatusCode == System.Net.HttpStatusCode.OK ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return "it did not answer in time";
        }
        catch (HttpRequestException problem)
        {
            return problem.HttpRequestError.ToString();
        }
    }

    [LoggerMessage(
        LogEvents.WebhookFailed, LogLevel.Warning, "An event could not be delivered to the webhook {Webhook} in {Tries} tries: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string webhook, int tries, string reason);

    [LoggerMessage(LogEvents.WebhookQueueFull, LogLevel.Warning,
        "The webhook {Webhook} is too slow: events are dropped until its queue is shorter")]
    private static partial void LogQueueFull(ILogger logger, string webhook);
}
