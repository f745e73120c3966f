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

    /// <exception cref="IOException">Some of it could not be read; the rest was measured and stored.</exception>
    public async Task MeasureAsync(Volume volume, CancellationToken cancellationToken)
    {
        var unreadable = new List<string>();
        var (files, bytes) = await Task.Run(
            () => Sum(volume.Files(folder => unreadable.Add($"{folder.BucketId}/{folder.Path}")).Select(file => file.Length)),
            cancellationToken);
        var (heldFiles, heldBytes) = await Task.Run(
            () => Sum(new VolumeTrash(volume).Files(found => unreadable.Add(found.Path)).Select(file => file.Length)), cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<VolumeRecord>().Where(record => record.Id == volume.Id).ExecuteUpdateAsync(
            set => set.SetProperty(record => record.Bytes, bytes).SetProperty(record => record.Files, files)
                .SetProperty(record => record.TrashBytes, heldBytes).SetProperty(record => record.TrashFiles, heldFiles)
                .SetProperty(record => record.MeasuredAt, now), cancellationToken);
        if (unreadable.Count > 0)
        {
            throw new IOException($"These cannot be read and were not counted: {string.Join(", ", unreadable)}.");
        }

        (long Files, long Bytes) Sum(IEnumerable<long> lengths)
        {
            var sum = (Files: 0L, Bytes: 0L);
            foreach (var length in lengths)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sum = (sum.Files + 1, sum.Bytes + length);
            }

            return sum;
        }
    }
}
