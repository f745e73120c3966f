using System.Diagnostics.Metrics;
using Halley.Server.Credentials;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Credentials;

/// <summary>A verifier with a clock that the test moves, and the number of bcrypts it has computed.</summary>
internal sealed class VerifierFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly VerificationSlots _slots;
    private long _computed;

    public VerifierFixture(CredentialOptions? options = null, TimeProvider? time = null, Action? computing = null)
    {
        options ??= new CredentialOptions { WorkFactor = 4, FailureDelay = TimeSpan.Zero };
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == CredentialMetrics.Verifications)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) =>
        {
            Interlocked.Add(ref _computed, count);
            computing?.Invoke();
        });
        _listener.Start();
        Hasher = new CredentialHasher(options);
        _slots = new VerificationSlots(options);
        Verifier = new CredentialVerifier(
            options, Hasher, _slots, new CredentialMetrics(meters), time ?? Time, NullLogger<CredentialVerifier>.Instance);
    }

    public FakeTimeProvider Time { get; } = new();

    public CredentialHasher Hasher { get; }

    public CredentialVerifier Verifier { get; }

    public long Computed => Interlocked.Read(ref _computed);

    public StoredCredential Stored(string secret) => new(CredentialHasher.CurrentFormat, Hasher.Hash(secret));

    public void Dispose()
    {
        _listener.Dispose();
        _slots.Dispose();
        _services.Dispose();
    }
}
