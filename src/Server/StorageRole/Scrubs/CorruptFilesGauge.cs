using System.Diagnostics.Metrics;
using Halley.Storage;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>The metric that must be zero: files that are corrupt or unreadable and have not been healed.</summary>
internal sealed class CorruptFilesGauge : IDisposable
{
    public const string Name = "halley.storage.corrupt_files";
    private readonly Meter _meter = new(MeteredBlobStore.MeterName);
    private long _count;

    public CorruptFilesGauge() =>
        _meter.CreateObservableGauge(Name, () => Count, "{file}", "Files that are corrupt or unreadable and have not been healed.");

    public long Count
    {
        get => Interlocked.Read(ref _count);
        set => Interlocked.Exchange(ref _count, value);
    }

    public void Dispose() => _meter.Dispose();
}
