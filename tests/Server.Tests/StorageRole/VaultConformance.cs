using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>
/// The HTTP surface and the client of it, judged by the same suite as the stores behind them; once on one volume, once on three.
/// </summary>
public abstract class VaultConformance(SharedServer shared, int holdDays = 0) : BlobStoreConformance
{
    private BucketHost? _host;

    protected override async Task<IBlobStore> CreateStoreAsync()
    {
        _host = await BucketHost.OnAsync(shared);
        using var changed = await _host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{_host.Id}", new UpdateBucket(HoldDays: holdDays));
        Assert.True(changed.IsSuccessStatusCode);
        return _host.OpenVault();
    }

    // The protocol answers both alike.
    protected override void AssertOutcome(PutOutcome expected, PutOutcome actual) =>
        base.AssertOutcome(expected == PutOutcome.AlreadyPresent ? PutOutcome.Stored : expected, actual);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _host!.DisposeAsync();
    }
}

public sealed class VaultOnOneVolumeConformance(SharedServer shared) : VaultConformance(shared), IClassFixture<SharedServer>;

public sealed class VaultWithHoldConformance(SharedServer shared) : VaultConformance(shared, holdDays: 30), IClassFixture<SharedServer>;

public sealed class VaultOnThreeVolumesConformance(
    ServerOfThreeVolumes server) : VaultConformance(server.Shared), IClassFixture<ServerOfThreeVolumes>;

/// <summary>A server with two more volumes than usual.</summary>
public sealed class ServerOfThreeVolumes : IAsyncLifetime
{
    private readonly TemporaryDirectory[] _disks = [new(), new()];

    public SharedServer Shared { get; } = new();

    public async Task InitializeAsync()
    {
        await Shared.InitializeAsync();
        foreach (var disk in _disks)
        {
            await BucketHost.PostAsync<VolumeInfo>(Shared.Admin, Routes.Volumes, new AddVolume(disk.Path));
        }
    }

    public async Task DisposeAsync()
    {
        await Shared.DisposeAsync();
        Array.ForEach(_disks, disk => disk.Dispose());
    }
}
