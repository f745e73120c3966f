using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Halley.Server.Hosting;

/// <summary>Marks endpoints whose successes are logged only at debug level, because a backup makes thousands of requests to them.</summary>
internal sealed class QuietRequests
{
    public static readonly QuietRequests Metadata = new();
}

/// <summary>
/// Logs one line per request. The line has the path, but never the query, a header or a cookie: any of them can contain a credential. Byte
/// counts are those of the bodies, as the program reads and writes them.
/// </summary>
internal sealed partial class RequestLog(
    RequestDelegate next, RequestMetrics metrics, LineAllowance lines, TimeProvider time, ILogger<RequestLog> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var quiet = context.GetEndpoint()?.Metadata.GetMetadata<QuietRequests>() is not null || BecomesWebSocket(context);
        return quiet ? LogQuietlyAsync(context) : LogAsync(context);
    }

    // The path of backup data: nothing is wrapped, and nothing is computed unless it will be logged.
    private async Task LogQuietlyAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        await next(context);
        var status = context.Response.StatusCode;
        if (status != StatusCodes.Status101SwitchingProtocols)
        {
            metrics.Done(
                context, time.GetElapsedTime(start), context.Request.ContentLength ?? 0, context.Response.ContentLength ?? 0);
        }

        if (status < 400 && !logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var (request, response) = (context.Request.ContentLength ?? 0, context.Response.ContentLength ?? 0);
        var (path, milliseconds) = (PathOf(context), Milliseconds(start));
        if (status < 400)
        {
            LogQuietDone(context.Request.Method, path, status, milliseconds, request, response, context.Connection.RemoteIpAddress);
        }
        else if (lines.Permits(context))
        {
            LogDone(context.Request.Method, path, status, milliseconds, request, response, context.Connection.RemoteIpAddress);
        }
    }

    private async Task LogAsync(HttpContext context)
    {
        var start = time.GetTimestamp();
        var request = new CountingStream(context.Request.Body);
        context.Request.Body = request;
        UnreadBody.CloseUnlessRead(context, request);
        var original = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var response = new CountingStream(original.Stream);
        var counted = new StreamResponseBodyFeature(response, original);
        context.Features.Set<IHttpResponseBodyFeature>(counted);
        // Saved now, because the response to a failure is made under another path.
        var path = PathOf(context);
        try
        {
            await next(context);
            await counted.CompleteAsync();
        }
        finally
        {
            context.Features.Set(original);
            metrics.Done(context, time.GetElapsedTime(start), request.Bytes, response.Bytes);
            if (logger.IsEnabled(LogLevel.Information) && lines.Permits(context))
            {
                LogDone(
                    context.Request.Method, path, context.Response.StatusCode, Milliseconds(start), request.Bytes, response.Bytes,
                    context.Connection.RemoteIpAddress);
            }
        }
    }

    // After an upgrade, there is no body that could be counted or completed.
    private static bool BecomesWebSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
        || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;

    private double Milliseconds(long start) => Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1);

    // Percent-encoded, so that no request can write line breaks into the log.
    private static string PathOf(HttpContext context) => context.Request.PathBase.Add(context.Request.Path).ToUriComponent();

    [LoggerMessage(LogEvents.RequestDone, LogLevel.Information,
        "{Method} {Path} {Status} in {Milliseconds} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out, from {Client}")]
    private partial void LogDone(
        string method, string path, int status, double milliseconds, long requestBytes, long responseBytes, IPAddress? client);

    [LoggerMessage(LogEvents.QuietRequestDone, LogLevel.Debug,
        "{Method} {Path} {Status} in {Milliseconds} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out, from {Client}")]
    private partial void LogQuietDone(
        string method, string path, int status, double milliseconds, long requestBytes, long responseBytes, IPAddress? client);
}
