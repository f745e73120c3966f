using Halley.Server.Data;
using Halley.Server.Periodic;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>Counts the files on each volume, for the page and the API only.</summary>
internal sealed class VolumeMeasuringWork(VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, TimeProvider time) : SingleRun
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var all = new OneByOne();
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            await all.TryAsync($"Volume {volume.Id}", () => MeasureAsync(volume, cancellationToken));
        }

        all.ThrowIfAny();
    }

    public async Task MeasureAsync(Volume volume, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var bucket in volume.ListBuckets())
        {
            var (count, sum) = await Task.Run(() => volume.Measure(bucket, cancellationToken), cancellationToken);
            files += count;
            bytes += sum;
        }

        var (heldFiles, heldBytes) = await Task.Run(
            () => new VolumeTrash(volume).Files()
                .Aggregate((Files: 0L, Bytes: 0L), (sum, file) => (sum.Files + 1, sum.Bytes + file.Length)),
            cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<VolumeRecord>().Where(record => record.Id == volume.Id).ExecuteUpdateAsync(
            set => set.SetProperty(record => record.Bytes, bytes).SetProperty(record => record.Files, files)
                .SetProperty(record => record.TrashBytes, heldBytes).SetProperty(record => record.TrashFiles, heldFiles)
                .SetProperty(record => record.MeasuredAt, now), cancellationToken);
    }
}
