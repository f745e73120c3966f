using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<CredentialDigest, Tries> _names = new();

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
        // The digest instead of the name: people type their password into the name field.
        var digest = CredentialDigest.Of(_key, "", name.ToUpperInvariant(), "");
        return _names.Count >= MostNames && !_names.ContainsKey(digest)
            ? first
            : _names.AddOrUpdate(
                digest,
                first,
                (_, tries) => tries.End <= now ? first
                    // Attempts during the lock don't extend it.
                    : tries.Failures >= rules.Threshold ? tries
                    : new Tries(tries.Failures + 1, first.End));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Tries(long Failures, DateTimeOffset End);
}
