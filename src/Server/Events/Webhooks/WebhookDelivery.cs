using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Settings;

namespace Halley.Server.Events.Webhooks;

/// <summary>
/// Sends events to the addresses in the settings. Each address gets a greeting at start and after every change of the settings; a change
/// also drops its queue. Of several instances, the one with the lease does this.
/// </summary>
internal sealed class WebhookDelivery(
    EventFeed feed, EventObjects objects, ServerSettings settings, WorkLease lease, DescribeServer describe, OutgoingHttp outgoing,
    TimeProvider time, ILogger<WebhookDelivery> logger) : BackgroundService
{
    private const int Capacity = 10_000;
    private readonly Dictionary<string, Webhook> _webhooks = new(StringComparer.Ordinal);
    private string _configured = "";
    private volatile bool _changed = true;

    /// <summary>Messages that the present webhooks did not receive.</summary>
    public long Dropped
    {
        get
        {
            lock (_webhooks)
            {
                return _webhooks.Values.Sum(webhook => webhook.Dropped);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = new SemaphoreSlim(0);
        settings.Changed += _ =>
        {
            _changed = true;
            wake.Release();
        };
        var subscription = feed.Subscribe(EventTenant.All, Capacity);
        try
        {
            while (true)
            {
                if (_changed)
                {
                    _changed = false;
                    await ConfigureAsync(stoppingToken);
                }

                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var arrived = subscription.Events.WaitToReadAsync(either.Token).AsTask();
                var changed = wake.WaitAsync(either.Token);
                await Task.WhenAny(arrived, changed);
                if (changed is { IsCompletedSuccessfully: true } && !arrived.IsCompleted)
                {
                    await either.CancelAsync();
                    continue;
                }

                await either.CancelAsync();
                if (!await arrived)
                {
                    // The queues accept everything at once, so this happens only to a process that hung.
                    subscription.Dispose();
                    subscription = feed.Subscribe(EventTenant.All, Capacity);
                }

                await TellAsync(subscription, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        finally
        {
            subscription.Dispose();
            foreach (var webhook in _webhooks.Values)
            {
                await webhook.DisposeAsync();
            }
        }
    }

    private async Task TellAsync(EventSubscription subscription, CancellationToken cancellationToken)
    {
        var leads = lease.IsHeld;
        while (subscription.Events.TryRead(out var record))
        {
            foreach (var webhook in _webhooks.Values.Where(webhook => leads && webhook.Wants(record.Type)))
            {
                webhook.Enqueue(await objects.ToCometAsync(record, webhook.Level, cancellationToken));
            }
        }
    }

    private async Task ConfigureAsync(CancellationToken cancellationToken)
    {
        var options = settings.Current.WebhookOptions;
        var configured = JsonSerializer.Serialize(options, CometJson.Options);
        if (configured == _configured)
        {
            return;
        }

        _configured = configured;
        var before = _webhooks.Values.ToList();
        // The webhooks are the server's own: only its administrators edit them.
        lock (_webhooks)
        {
            _webhooks.Clear();
            foreach (var (name, option) in options)
            {
                _webhooks[name] = new Webhook(name, option, outgoing.Of(CallerOrganization.TopLevel), time, logger);
            }
        }

        foreach (var webhook in before)
        {
            await webhook.DisposeAsync();
        }

        if (_webhooks.Count == 0 || !lease.IsHeld)
        {
            return;
        }

        var server = await describe(cancellationToken);
        foreach (var webhook in _webhooks.Values.Where(webhook => webhook.Wants(StreamableEventType.Hello)))
        {
            webhook.Enqueue(EventWire.Hello(server, time.GetUtcNow(), webhook.Level));
        }
    }
}
