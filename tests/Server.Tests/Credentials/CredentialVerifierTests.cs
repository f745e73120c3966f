using System.Net;
using Halley.Server.Credentials;

namespace Halley.Server.Tests.Credentials;

public sealed class CredentialVerifierTests : IDisposable
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");
    private readonly VerifierFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Right_secret_names_the_credential_it_belongs_to()
    {
        var verdict = await VerifyAsync([_fixture.Stored("one"), _fixture.Stored("two")], "two");

        Assert.Equal(CredentialVerdict.Verified(1), verdict);
    }

    [Fact]
    public async Task Sixteen_requests_at_once_cost_one_computation()
    {
        StoredCredential[] stored = [_fixture.Stored("secret")];

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => VerifyAsync(stored, "secret").AsTask()));

        Assert.All(verdicts, verdict => Assert.True(verdict.IsVerified));
        Assert.Equal(1, _fixture.Computed);
    }

    [Fact]
    public async Task Right_secret_is_remembered_with_its_stored_hash_until_its_time_is_over()
    {
        StoredCredential[] stored = [_fixture.Stored("secret")];
        Assert.False(_fixture.Verifier.TryFindVerified("kind", "id", "secret", out _));
        await VerifyAsync(stored, "secret");

        Assert.True(_fixture.Verifier.TryFindVerified("kind", "id", "secret", out var hash));
        Assert.Equal(stored[0].Hash, hash);
        Assert.False(_fixture.Verifier.TryFindVerified("kind", "id2", "secret", out _));
        Assert.False(_fixture.Verifier.TryFindVerified("kin", "did", "secret", out _));
        await VerifyAsync(stored, "secret");
        Assert.Equal(1, _fixture.Computed);

        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.False(_fixture.Verifier.TryFindVerified("kind", "id", "secret", out _));
    }

    [Fact]
    public async Task Remembered_secret_is_refused_once_its_hash_is_no_longer_stored()
    {
        await VerifyAsync([_fixture.Stored("secret")], "secret");

        Assert.Equal(CredentialVerdict.Wrong, await VerifyAsync([_fixture.Stored("other")], "secret"));
    }

    [Fact]
    public async Task Unknown_id_costs_as_much_as_a_wrong_secret()
    {
        Assert.Equal(CredentialVerdict.Wrong, await VerifyAsync([], "secret"));
        Assert.Equal(1, _fixture.Computed);
        Assert.Equal(CredentialVerdict.Wrong, await VerifyAsync([_fixture.Stored("other")], "secret"));
        Assert.Equal(2, _fixture.Computed);
    }

    [Fact]
    public async Task Wrong_secret_is_remembered_for_seconds_and_only_for_the_same_candidates()
    {
        StoredCredential[] stored = [_fixture.Stored("other")];
        await VerifyAsync(stored, "secret");
        await VerifyAsync(stored, "secret");
        Assert.Equal(1, _fixture.Computed);

        Assert.True((await VerifyAsync([.. stored, _fixture.Stored("secret")], "secret")).IsVerified);
        _fixture.Time.Advance(TimeSpan.FromSeconds(6));
        await VerifyAsync(stored, "wrong again");
        Assert.Equal(4, _fixture.Computed);
    }

    [Fact]
    public async Task Refusal_comes_after_the_delay_whatever_its_cause()
    {
        using var fixture = new VerifierFixture(new CredentialOptions { WorkFactor = 4 });
        foreach (var candidates in new StoredCredential[][] { [], [fixture.Stored("other")], [] })
        {
            var refusal = fixture.Verifier.VerifyAsync("kind", "id", candidates, "secret", Client, default).AsTask();
            var early = fixture.Verifier.VerifyAsync("kind", "id", [fixture.Stored("right")], "right", Client, default).AsTask();
            Assert.True((await early).IsVerified);
            Assert.False(refusal.IsCompleted);
            while (!refusal.IsCompleted)
            {
                fixture.Time.Advance(TimeSpan.FromMilliseconds(500));
                await Task.Yield();
            }

            Assert.Equal(CredentialVerdict.Wrong, await refusal);
        }
    }

    [Fact]
    public async Task Refusal_takes_the_same_time_whatever_the_number_of_candidates()
    {
        const int Most = 16;
        var (clock, each) = (new EagerClock(), TimeSpan.FromMilliseconds(100));
        using var fixture = new VerifierFixture(time: clock, computing: () => clock.Pass(each));
        var stored = Enumerable.Range(0, Most).Select(n => fixture.Stored($"other {n}")).ToList();
        foreach (var count in new[] { 0, 1, 10, Most })
        {
            var start = clock.GetTimestamp();
            var verdict = await fixture.Verifier.VerifyAsync(
                "kind", $"id {count}", stored[..count], "secret", Client, default, comparisons: Most);

            Assert.Equal(CredentialVerdict.Wrong, verdict);
            Assert.Equal(Most * each, clock.GetElapsedTime(start));
        }

        Assert.Equal(1 + 1 + 10 + Most, fixture.Computed);
    }

    [Fact]
    public async Task Flood_from_one_address_is_busy_and_leaves_room_for_others()
    {
        using var fixture =
            new VerifierFixture(new CredentialOptions { WorkFactor = 4, FailureDelay = TimeSpan.Zero, MaxParallelVerifications = 1 });
        StoredCredential[] stored = [fixture.Stored("secret")];
        var flood = Enumerable.Range(0, 5000)
            .Select(n => fixture.Verifier.VerifyAsync("kind", "id", stored, $"wrong {n}", Client, default).AsTask()).ToList();
        var other = await fixture.Verifier.VerifyAsync("kind", "id", stored, "secret", IPAddress.Parse("192.0.2.8"), default);
        var verdicts = await Task.WhenAll(flood);

        Assert.True(other.IsVerified);
        Assert.Contains(CredentialVerdict.Busy, verdicts); // some hundred wait at any time; the rest are turned away at once
        Assert.True((await fixture.Verifier.VerifyAsync("kind", "id", stored, "secret", Client, default)).IsVerified);
    }

    [Fact]
    public async Task Hundreds_of_right_secrets_from_one_address_all_get_in()
    {
        using var fixture = new VerifierFixture();
        var stored = Enumerable.Range(0, 300).Select(n => fixture.Stored($"secret {n}")).ToList();

        var verdicts = await Task.WhenAll(
            stored.Select((hash, n) => fixture.Verifier.VerifyAsync("kind", $"{n}", [hash], $"secret {n}", Client, default).AsTask()));

        Assert.All(verdicts, verdict => Assert.True(verdict.IsVerified));
    }

    [Fact]
    public async Task Check_that_nobody_waits_for_any_more_is_not_computed()
    {
        using var fixture =
            new VerifierFixture(new CredentialOptions { WorkFactor = 10, FailureDelay = TimeSpan.Zero, MaxParallelVerifications = 1 });
        StoredCredential[] stored = [fixture.Stored("secret")];
        using var gone = new CancellationTokenSource();
        var running = fixture.Verifier.VerifyAsync("kind", "id", stored, "wrong", Client, default).AsTask();
        var waiting = Enumerable.Range(0, 20)
            .Select(n => fixture.Verifier.VerifyAsync("kind", "id", stored, $"wrong {n}", Client, gone.Token).AsTask()).ToList();

        await gone.CancelAsync();
        await running;
        await Task.WhenAll(waiting.Select(check => Assert.ThrowsAnyAsync<OperationCanceledException>(() => check)));
        Assert.True((await fixture.Verifier.VerifyAsync("kind", "id", stored, "secret", Client, default)).IsVerified);

        Assert.InRange(fixture.Computed, 2, 4);
    }

    private ValueTask<CredentialVerdict> VerifyAsync(StoredCredential[] stored, string secret) =>
        _fixture.Verifier.VerifyAsync("kind", "id", stored, secret, Client, default);
}
