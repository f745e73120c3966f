using System.Security.Cryptography;

namespace Halley.Server.Settings;

/// <summary>
/// When the server began to run with its present settings, and a random text for that. Clients of the vendor's API wait for both to change
/// after they have replaced the configuration, because the vendor's server starts anew then; here the settings take effect at once.
/// </summary>
internal sealed class ServerStart(TimeProvider time)
{
    private volatile Moment _moment = Now(time.GetUtcNow());

    public DateTimeOffset At => _moment.At;

    public string Hash => _moment.Hash;

    /// <summary>The configuration was replaced. The time grows even within a second.</summary>
    public void Renew()
    {
        var now = time.GetUtcNow();
        _moment = Now(now.ToUnixTimeSeconds() > At.ToUnixTimeSeconds() ? now : At.AddSeconds(1));
    }

    private static Moment Now(DateTimeOffset at) => new(at, RandomNumberGenerator.GetHexString(40, lowercase: true));

    private sealed record Moment(DateTimeOffset At, string Hash);
}
