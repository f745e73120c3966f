using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Halley.Server.Credentials;
using Halley.Server.Settings;

namespace Halley.Server.Administrators;

/// <summary>
/// Tells a client whose sign-in was refused how often it may still try that name, and when again. It counts the refusals it tells, whether
/// anybody has the name or not, so the headers say no more than the client knows; what really locks a name is counted in the database.
/// </summary>
internal sealed class SignInLimits(FailureCounter addresses, ServerSettings settings, TimeProvider time)
{
    private const int MostNames = 10_000;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
    private readonly ConcurrentDictionary<CredentialDigest, Tries> _names = new();

    /// <summary>
    /// Counts the refusal of a name, as it was typed, and writes <c>RateLimit-*</c> in seconds, <c>X-RateLimit-*</c> with the reset as Unix
    /// time, and <c>Retry-After</c> once another try is useless.
    /// </summary>
    public void Refuse(HttpContext context, string name)
    {
        var rules = LoginRules.Of(settings.Current.LoginProtection);
        if (!rules.Enabled)
        {
            return;
        }

        var now = time.GetUtcNow();
        var tries = Count(name, rules, now);
        var blocked = addresses.BlockedUntil(context.Connection.RemoteIpAddress, rules.AddressThreshold);
        var end = blocked > tries.End ? blocked.Value : tries.End;
        var remaining = blocked is null ? Math.Max(0, rules.Threshold - tries.Failures) : 0;
        var seconds = Text((long)Math.Ceiling((end - now).TotalSeconds));
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

    private Tries Count(string name, LoginRules rules, DateTimeOffset now)
    {
        if (_names.Count >= MostNames)
        {
            foreach (var (one, tries) in _names)
            {
                if (tries.End <= now)
                {
                    _names.TryRemove(one, out _);
                }
            }
        }

        var first = new Tries(1, now + rules.Cooldown);
        // The digest and not the name: people type their password into the field of the name.
        var digest = CredentialDigest.Of(_key, "", name.ToUpperInvariant(), "");
        return _names.Count >= MostNames && !_names.ContainsKey(digest)
            ? first
            : _names.AddOrUpdate(
                digest,
                first,
                (_, tries) => tries.End <= now ? first
                    // Tries while it is locked do not lock it for longer.
                    : tries.Failures >= rules.Threshold ? tries
                    : new Tries(tries.Failures + 1, first.End));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Tries(long Failures, DateTimeOffset End);
}
