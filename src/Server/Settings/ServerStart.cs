using System.Security.Cryptography;

namespace Halley.Server.Settings;

/// <summary>
/// The time from which the server runs with its present settings, and a random text for it. The vendor's server restarts after its
/// configuration is replaced, and clients of its API wait for both values to change. Here the settings take effect without a restart.
/// </summary>
internal sealed class ServerStart(TimeProvider time)
{
    private volatile Moment _moment = Now(time.GetUtcNow());

    public DateTimeOffset At => _moment.At;

    public string Hash => _moment.Hash;

    /// <summary>Records that the configuration was replaced. The time increases even within one second.</summary>
    public void Renew()
    {
        var now = time.GetUtcNow();
        _moment = Now(now.ToUnixTimeSeconds() > At.ToUnixTimeSeconds() ? now : At.AddSeconds(1));
    }

    private static Moment Now(DateTimeOffset at) => new(at, RandomNumberGenerator.GetHexString(40, lowercase: true));

    private sealed record Moment(DateTimeOffset At, string Hash);
}
