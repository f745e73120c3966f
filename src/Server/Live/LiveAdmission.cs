using System.Globalization;
using System.Security.Cryptography;
using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.Settings;

namespace Halley.Server.Live;

/// <summary>
/// Admits a limited number of devices per second, before any query to the database. It sends the others away with a time to retry: the more
/// there are, the later, and each at a different time.
/// </summary>
internal sealed class LiveAdmission(LiveOptions options, LiveSockets sockets, ServerSettings settings, TimeProvider time)
{
    private const int MostWait = 60;
    private const string ComeLater = "Too many devices connect at the moment; retry after the time in the Retry-After header.";
    private readonly Lock _lock = new();
    private double _places = options.ConnectionsPerSecond;
    private int _refused;
    private long _lastTicks = time.GetTimestamp();

    public Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.IsBelow(Routes.Live))
        {
            return next(context);
        }

        if (!settings.Current.AuthenticationRole.RoleEnabled)
        {
            return RefuseAsync(
                context, MostWait, "auth_role_off", "The Auth Role of this server is switched off, so no device can connect.");
        }

        if (sockets.Count >= options.MaxConnections)
        {
            return RefuseAsync(context, MostWait, Problems.Busy, ComeLater);
        }

        return TryEnter(out var wait) ? next(context) : RefuseAsync(context, wait, Problems.Busy, ComeLater);
    }

    private bool TryEnter(out int waitSeconds)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var seconds = time.GetElapsedTime(_lastTicks, now).TotalSeconds;
            _lastTicks = now;
            _places = Math.Min(options.ConnectionsPerSecond, _places + (seconds * options.ConnectionsPerSecond));
            if (_places >= 1)
            {
                _places--;
                _refused = Math.Max(0, _refused - 1);
                waitSeconds = 0;
                return true;
            }

            // The devices that were sent away will retry, so this one waits until after them.
            _refused = Math.Min(_refused + 1, options.ConnectionsPerSecond * MostWait);
            waitSeconds = 1 + RandomNumberGenerator.GetInt32(1 + Math.Max(2, _refused / options.ConnectionsPerSecond));
            return false;
        }
    }

    private static Task RefuseAsync(HttpContext context, int waitSeconds, string code, string detail)
    {
        UnreadBody.Close(context);
        context.Response.Headers.RetryAfter = waitSeconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Problem(StatusCodes.Status503ServiceUnavailable, code, detail).ExecuteAsync(context);
    }
}
