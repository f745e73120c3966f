using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Events;

/// <summary><c>/api/v2/events</c>: the events after one that the caller has seen, as a list or as a continuous stream.</summary>
internal static class EventsApi
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    public static void MapEventsApi(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Events").RequireAuthorization(
            Policies.AdministratorWho(Requires.ViewServerHistory));
        group.MapGet(Routes.Events, ListAsync);
        group.MapGet(Routes.EventStream, StreamAsync).Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
    }

    private static async Task<Results<Ok<Page<EventInfo>>, ProblemHttpResult>> ListAsync(
        string? after, int? limit, int? type, Caller caller, EventList events, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        if (!TryReadAfter(after, out var from))
        {
            return AfterInvalid();
        }

        var found = await events.ReadAsync(
            EventTenant.OfAdministrator(caller.OrganizationId), from, (StreamableEventType?)type, count + 1, cancellationToken);
        return TypedResults.Ok(Paging.Page(
            found, count, record => record.ToWire(), record => record.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> StreamAsync(
        string? after, HttpContext context, EventStreams streams, EventList events, TimeProvider time)
    {
        // A browser that reconnects sends its position itself.
        var start = context.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? after;
        if (!TryReadAfter(start, out var from))
        {
            return AfterInvalid();
        }

        using var place = streams.TryEnter();
        if (place is null)
        {
            return Problems.Problem(StatusCodes.Status503ServiceUnavailable, "too_many_streams",
                "Too many event streams are open; close one or try again later.");
        }

        var tenant = TenantOf(context.User);
        using var subscription = streams.Subscribe(tenant);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Stopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var watching = Task.CompletedTask;
        try
        {
            watching = streams.WatchAsync(context.User, await streams.MarkAsync(context.User, ends.Token), ends);
            await context.Response.Body.FlushAsync(ends.Token);
            var last = string.IsNullOrEmpty(start)
                ? subscription.StartsAfter
                : await CatchUpAsync(context, events, tenant, from, ends.Token);
            await FollowAsync(context, subscription, last, time, ends.Token);
        }
        catch (OperationCanceledException)
        {
            // The listener left or lost its right, or the server stops: the stream ends.
        }

        await ends.CancelAsync();
        await watching;

        return TypedResults.Empty;
    }

    private static async Task<long> CatchUpAsync(
        HttpContext context, EventList events, EventTenant tenant, long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var missed = await events.ReadAsync(tenant, after, type: null, Paging.MaximumLimit, cancellationToken);
            foreach (var record in missed)
            {
                await WriteAsync(context, record, cancellationToken);
                after = record.Sequence;
            }

            if (missed.Count < Paging.MaximumLimit)
            {
                return after;
            }
        }
    }

    private static async Task FollowAsync(
        HttpContext context, EventSubscription subscription, long last, TimeProvider time, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var heartbeat = new CancellationTokenSource(Heartbeat, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(heartbeat.Token, cancellationToken);
            try
            {
                if (!await subscription.Events.WaitToReadAsync(either.Token))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await context.Response.WriteAsync(": still here\n\n", cancellationToken);
            }

            while (subscription.Events.TryRead(out var record))
            {
                if (record.Sequence > last)
                {
                    await WriteAsync(context, record, cancellationToken);
                }
            }

            await context.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private static Task WriteAsync(HttpContext context, EventRecord record, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(record.ToWire(), JsonSerializerOptions.Web);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"id: {record.Sequence}\n");
        text.Append("event: ").Append(StreamableEventNames.NameOf(record.Type)).Append("\ndata: ").Append(json).Append("\n\n");
        return context.Response.WriteAsync(text.ToString(), cancellationToken);
    }

    private static EventTenant TenantOf(ClaimsPrincipal caller) => EventTenant.OfAdministrator(
        CallerOrganization.Of(caller) ?? throw new InvalidOperationException("An administrator belongs to an organization."));

    private static bool TryReadAfter(string? after, out long sequence)
    {
        sequence = 0;
        return string.IsNullOrEmpty(after)
            || (long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out sequence) && sequence >= 0);
    }

    private static ProblemHttpResult AfterInvalid() =>
        Problems.BadRequest("after_invalid", "after must be the sequence number of an event.");
}
