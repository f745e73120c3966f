using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>The HTTP surface, judged by the same suite as the stores behind it; once on one volume, once on three.</summary>
public abstract class VaultConformance(int volumes) : BlobStoreConformance
{
    private readonly List<TemporaryDirectory> _volumes = [];
    private BucketHost? _host;

    protected override async Task<IBlobStore> CreateStoreAsync()
    {
        _host = await BucketHost.StartAsync();
        for (var i = 1; i < volumes; i++)
        {
            _volumes.Add(new TemporaryDirectory());
            await _host.AddVolumeAsync(_volumes[^1].Path);
        }

        return new VaultClientStore(_host.Vault, _host.Url(""));
    }

    // HTTP answers 200 to both, as clients of the protocol want it.
    protected override void AssertOutcome(PutOutcome expected, PutOutcome actual) =>
        base.AssertOutcome(expected == PutOutcome.AlreadyPresent ? PutOutcome.Stored : expected, actual);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _host!.DisposeAsync();
        _volumes.ForEach(volume => volume.Dispose());
    }
}

public sealed class VaultOnOneVolumeConformance() : VaultConformance(1);

public sealed class VaultOnThreeVolumesConformance() : VaultConformance(3);
