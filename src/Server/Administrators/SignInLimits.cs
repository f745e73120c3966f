using System.Globalization;
using System.Security.Cryptography;
using Halley.Server.Credentials;
using Halley.Server.Settings;

namespace Halley.Server.Administrators;

/// <summary>
/// Tells a client whose sign-in was refused how many attempts remain for that name, and when the next one is possible. It counts only the
/// refusals it reports, whether the name exists or not, so the headers reveal nothing new. The database counts the failures that lock a
/// name.
/// </summary>
internal sealed class SignInLimits(FailureCounter addresses, ServerSettings settings, TimeProvider time)
{
    private const int MostNames = 10_000;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
    private readonly BoundedCache<CredentialDigest, long> _names = new(MostNames, time);

    /// <summary>
    /// Counts the refusal of a name as it was typed. Writes <c>RateLimit-*</c> in seconds, <c>X-RateLimit-*</c> with the reset as Unix
    /// time, and <c>Retry-After</c> once another attempt is useless.
    /// </summary>
    public void Refuse(HttpContext context, string name)
    {
        var rules = LoginRules.Of(settings.Current.LoginProtection);
        if (!rules.Enabled)
        {
            return;
        }

        var tries = Count(name, rules);
        var blocked = addresses.BlockedUntil(context.Connection.RemoteIpAddress, rules.AddressThreshold);
        var end = blocked > tries.Until ? blocked.Value : tries.Until;
        var remaining = blocked is null ? Math.Max(0, rules.Threshold - tries.Value) : 0;
        var seconds = Text((long)Math.Ceiling((end - time.GetUtcNow()).TotalSeconds));
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = headers["X-RateLimit-Limit"] = Text(rules.Threshold);
        headers["RateLimit-Remaining"] = headers["X-RateLimit-Remaining"] = Text(remaining);
        headers["RateLimit-Reset"] = seconds;
        headers["X-RateLimit-Reset"] = Text(end.ToUnixTimeSeconds());
        if (remaining == 0)
        {
            headers.RetryAfter = seconds;
        }
    }

    // The digest instead of the name: people type their password into the name field. Attempts during the lock don't extend it.
    private Cached<long> Count(string name, LoginRules rules) => _names.Change(
        CredentialDigest.Of(_key, "", name.ToUpperInvariant(), ""),
        known => known is not { } tries ? new Cached<long>(1, time.GetUtcNow() + rules.Cooldown)
            : tries.Value >= rules.Threshold ? tries
            : tries with { Value = tries.Value + 1 });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
