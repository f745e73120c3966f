using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;

namespace Halley.Server.Credentials;

/// <summary>
/// Checks secrets against stored hashes, and pays for bcrypt only once: it remembers right secrets for minutes and wrong ones for seconds,
/// and concurrent requests for the same check share one computation. It does not decide what a credential may do.
/// </summary>
internal sealed partial class CredentialVerifier
{
    private const int MostVerified = 100_000;
    private const int MostRefused = 10_000;
    private static readonly TimeSpan RefusedLifetime = TimeSpan.FromSeconds(5);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
    private readonly ConcurrentDictionary<(CredentialDigest Secret, ulong Candidates), Check> _running = new();
    private readonly BoundedCache<CredentialDigest, string> _verified;
    private readonly BoundedCache<(CredentialDigest Secret, ulong Candidates), bool> _refused;
    private readonly Lazy<StoredCredential[]> _nobody;
    private readonly CredentialOptions _options;
    private readonly VerificationSlots _slots;
    private readonly CredentialMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public CredentialVerifier(
        CredentialOptions options, CredentialHasher hasher, VerificationSlots slots, CredentialMetrics metrics, TimeProvider time,
            ILogger<CredentialVerifier> logger)
    {
        (_options, _slots, _metrics, _time, _logger) = (options, slots, metrics, time, logger);
        _verified = new(MostVerified, time);
        _refused = new(MostRefused, time);
        _nobody = new(() => [new StoredCredential(CredentialHasher.CurrentFormat, hasher.Hash(Convert.ToHexString(_key)))]);
    }

    /// <summary>
    /// For the hot path: true if this secret was verified recently. The caller must still make sure that <paramref name="storedHash"/> is a
    /// valid credential of the id now; only then does a revocation take effect at once.
    /// </summary>
    public bool TryFindVerified(string kind, string id, string secret, [NotNullWhen(true)] out string? storedHash)
    {
        storedHash = _verified.Find(CredentialDigest.Of(_key, kind, id, secret))?.Value;
        return storedHash is not null;
    }

    /// <summary>
    /// Compares a secret with every stored credential of an id. For an unknown id, pass no candidates: the check then costs as much and
    /// takes as long as one wrong secret. Handle a wrong secret in <paramref name="onWrong"/>, so that the time of the handling does not
    /// show. If a secret is stored in another form than it is sent, <paramref name="derive"/> converts it. It runs where bcrypt runs, and
    /// as rarely; its result is not kept, and null counts as wrong. The work counts as that of <paramref name="tenant"/>. A wrong secret
    /// takes the time of <paramref name="comparisons"/>, the most candidates that an id of the kind can have, so that the time does not
    /// tell their number.
    /// </summary>
    public async ValueTask<CredentialVerdict> VerifyAsync(
        string kind, string id, IReadOnlyList<StoredCredential> candidates, string secret, IPAddress? client,
            CancellationToken cancellationToken,
        Func<Task>? onWrong = null, Func<string, string?>? derive = null, string tenant = "", int comparisons = 1)
    {
        var start = _time.GetTimestamp();
        var digest = CredentialDigest.Of(_key, kind, id, secret);
        if (_verified.Find(digest) is { } verified && IndexOf(candidates, verified.Value) is >= 0 and var index)
        {
            return CredentialVerdict.Verified(index);
        }

        // A new key may be stored while an old verdict is remembered, so a verdict is valid only for the same candidates.
        var question = (digest, Stamp(candidates));
        var verdict = _refused.Find(question) is not null
            ? CredentialVerdict.Wrong
            : await WaitAsync(
                Share(
                    question, () => Compute(candidates, derive is null ? secret : derive(secret)), candidates, client, tenant, comparisons),
                cancellationToken);
        if (verdict.Outcome == CredentialOutcome.Wrong)
        {
            await (onWrong?.Invoke() ?? Task.CompletedTask);
            await DelayRefusalAsync(start, cancellationToken);
        }

        return verdict;
    }

    private Check Share(
        (CredentialDigest Secret, ulong Candidates) question, Func<CredentialVerdict> compute, IReadOnlyList<StoredCredential> candidates,
        IPAddress? client, string tenant, int comparisons)
    {
        if (!_running.TryGetValue(question, out var shared))
        {
            var mine = new Check();
            shared = _running.GetOrAdd(question, mine);
            if (shared == mine)
            {
                Interlocked.Increment(ref mine.Waiting);
                _ = CompleteAsync(mine, question, compute, candidates, client, tenant, comparisons);
                return mine;
            }
        }

        Interlocked.Increment(ref shared.Waiting);
        return shared;
    }

    private static async Task<CredentialVerdict> WaitAsync(Check check, CancellationToken cancellationToken)
    {
        try
        {
            return await check.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref check.Waiting);
        }
    }

    // Independent of any request: the request that came first may be cancelled while others wait for the verdict.
    private async Task CompleteAsync(
        Check check, (CredentialDigest Secret, ulong Candidates) question, Func<CredentialVerdict> compute,
        IReadOnlyList<StoredCredential> candidates, IPAddress? client, string tenant, int comparisons)
    {
        try
        {
            var cost = CredentialHasher.CostOf(candidates.Count > 0 ? candidates : _nobody.Value);
            var took = TimeSpan.Zero;
            var (done, verdict) = await _slots.TryRunAsync(
                client,
                () =>
                {
                    var start = _time.GetTimestamp();
                    var found = compute();
                    took = _time.GetElapsedTime(start);
                    return found;
                },
                tenant, cost, () => Volatile.Read(ref check.Waiting) > 0);
            if (!done)
            {
                if (Volatile.Read(ref check.Waiting) > 0)
                {
                    LogSaturated(client);
                }

                verdict = CredentialVerdict.Busy;
            }
            else if (verdict.IsVerified)
            {
                _verified.Set(question.Secret, candidates[verdict.Index].Hash, _options.VerifiedLifetime);
            }
            else
            {
                await Task.Delay(RestOf(took, cost, comparisons * CredentialHasher.CostOf(_nobody.Value)), _time);
                _refused.Set(question, true, RefusedLifetime);
            }

            _running.TryRemove(question, out _);
            check.Answer.SetResult(verdict);
        }
#pragma warning disable CA1031 // not swallowed: every request that waits for the answer gets it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _running.TryRemove(question, out _);
            check.Answer.SetException(failure);
        }
    }

    /// <summary>How much longer <paramref name="full"/> takes than <paramref name="cost"/>, which took so long.</summary>
    private static TimeSpan RestOf(TimeSpan took, long cost, long full) =>
        cost > 0 && full > cost ? took * ((double)(full - cost) / cost) : TimeSpan.Zero;

    private CredentialVerdict Compute(IReadOnlyList<StoredCredential> candidates, string? secret)
    {
        var compared = candidates.Count > 0 ? candidates : _nobody.Value;
        for (var i = 0; i < compared.Count; i++)
        {
            _metrics.Verified();
            if (CredentialHasher.Verify(secret ?? "", compared[i].Format, compared[i].Hash) && candidates.Count > 0 && secret is not null)
            {
                return CredentialVerdict.Verified(i);
            }
        }

        return CredentialVerdict.Wrong;
    }

    /// <summary>
    /// Delays a refusal until a whole multiple of the delay after <paramref name="start"/>, so that the time reveals neither the cause nor
    /// a cached verdict.
    /// </summary>
    public async Task DelayRefusalAsync(long start, CancellationToken cancellationToken)
    {
        if (_options.FailureDelay > TimeSpan.Zero)
        {
            var spent = _time.GetElapsedTime(start);
            await Task.Delay(
                _options.FailureDelay - TimeSpan.FromTicks(spent.Ticks % _options.FailureDelay.Ticks), _time, cancellationToken);
        }
    }

    private ulong Stamp(IReadOnlyList<StoredCredential> candidates) =>
        candidates.Count == 0
            ? 0
            : CredentialDigest.Of(_key, "", "", string.Join('\n', candidates.Select(candidate => candidate.Hash))).First;

    private static int IndexOf(IReadOnlyList<StoredCredential> candidates, string hash)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (string.Equals(candidates[i].Hash, hash, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    [LoggerMessage(LogEvents.VerificationsSaturated, LogLevel.Warning, "A credential from {Client} was not checked: too many are waiting")]
    private partial void LogSaturated(IPAddress? client);

    /// <summary>A check in progress, and how many requests wait for its verdict.</summary>
    private sealed class Check
    {
        public int Waiting;

        public TaskCompletionSource<CredentialVerdict> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
