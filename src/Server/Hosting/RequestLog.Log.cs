using System.Net;

namespace Halley.Server.Hosting;

internal sealed partial class RequestLog
{
    [LoggerMessage(LogEvents.RequestDone, LogLevel.Information,
        "{Method} {Path} {Status} in {Milliseconds} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out, from {Client}")]
    private partial void Done(
        string method, string path, int status, double milliseconds, long requestBytes, long responseBytes, IPAddress? client);

    [LoggerMessage(LogEvents.QuietRequestDone, LogLevel.Debug,
        "{Method} {Path} {Status} in {Milliseconds} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out, from {Client}")]
    private partial void QuietDone(
        string method, string path, int status, double milliseconds, long requestBytes, long responseBytes, IPAddress? client);
}
