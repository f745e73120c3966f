using System.Diagnostics.Metrics;
using Halley.Server.Credentials;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Counts the slow comparisons of one server, as its metrics tell them.</summary>
internal sealed class VerificationCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private int _count;

    public VerificationCounter(ServerHost server)
    {
        var meters = server.Service<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == CredentialMetrics.Verifications && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _count, (int)count));
        _listener.Start();
    }

    public int Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
