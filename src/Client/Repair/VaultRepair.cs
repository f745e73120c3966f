using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// Makes a damaged vault whole again, with what is left of it: finds damaged packs, saves their good blobs, sets them aside, drops what
/// depends on what is lost, and looks again until nothing is wrong. It says exactly what was lost.
/// </summary>
public static class VaultRepair
{
    private const int MostRounds = 5;

    /// <summary>Repairs, or says what would be done.</summary>
    /// <param name="vault">The vault, opened without a local cache, which could have copies of what is damaged.</param>
    /// <param name="held">Its exclusive lock.</param>
    /// <param name="options">How far it goes.</param>
    /// <param name="cancellationToken">Cancels; nothing is lost beyond what was, and a next run goes on.</param>
    /// <exception cref="VaultException">The store is full, or a damaged file could not be set aside.</exception>
    /// <exception cref="BlobStoreException">The store fails; nothing is lost beyond what was.</exception>
    public static Task<RepairResult> RunAsync(Vault vault, VaultLock held, RepairOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(options);
        RepairedIndex.RefuseCache(vault);
        return held.RunAloneAsync(token => RepairAsync(vault, options, token), cancellationToken);
    }

    private static async Task<RepairResult> RepairAsync(Vault vault, RepairOptions options, CancellationToken cancellationToken)
    {
        var result = new RepairResult();
        for (var round = 1; ; round++)
        {
            var plan = await RepairPlan.MakeAsync(vault, options, cancellationToken);
            if (plan.IsWhole || options.IsDryRun || round > MostRounds)
            {
                return result.Plus(ResultOf(plan, plan.Index.Unreadable, plan.Packs, plan.Unreadable) with { IsWhole = plan.IsWhole });
            }

            result = result.Plus(await ApplyAsync(vault, plan, options, cancellationToken));
            await PackIndexUpkeep.RunAsync(
                vault, await vault.Snapshots.ListAsync(cancellationToken), onProgress: null, cancellationToken);
            options = options with { ReadsData = false }; // what was read is good, or gone
        }
    }

    private static RepairResult ResultOf(RepairPlan plan, params IEnumerable<IEnumerable<DamagedFile>> damaged) => new()
    {
        DamagedFiles = [.. damaged.SelectMany(files => files), .. plan.Keys],
        HurtSnapshots = plan.Hurt,
        PacksIndexed = plan.Index.Wrong.Count(pack => pack.State == PackState.Unindexed),
    };

    // Good blobs are in new packs and an index before a damaged pack goes, and snapshots no longer need what is lost.
    private static async Task<RepairResult> ApplyAsync(
        Vault vault, RepairPlan plan, RepairOptions options, CancellationToken cancellationToken)
    {
        var aside = new AsideFiles(vault, options.Aside);
        var bad = plan.Index.Wrong.Where(pack => pack.State == PackState.Damaged).Select(pack => pack.Id).ToHashSet();
        var indexFiles = await ForEachAsync(plan.Index.Unreadable, aside.CopyAsync, cancellationToken);
        var saved = await SaveBlobsAsync(vault, plan.Index.Index, bad, cancellationToken);
        await plan.Index.SaveAsync(pack => !bad.Contains(pack), cancellationToken);
        var hurt = await ChangeSnapshotsAsync(vault, plan, options, aside, cancellationToken);
        var packs = await ForEachAsync(
            [.. plan.Packs],
            (file, token) => bad.Contains(BlobId.Parse(file.File.Id)) ? aside.MoveAsync(file, token) : Task.FromResult(file),
            cancellationToken);
        var others = await ForEachAsync(plan.Unreadable, aside.MoveAsync, cancellationToken);
        return ResultOf(plan, indexFiles, packs, others) with { HurtSnapshots = hurt, BlobsSaved = saved };
    }

    private static async Task<IReadOnlyList<DamagedFile>> ForEachAsync(
        IReadOnlyList<DamagedFile> files, Func<DamagedFile, CancellationToken, Task<DamagedFile>> action,
        CancellationToken cancellationToken)
    {
        var done = new List<DamagedFile>(files.Count);
        foreach (var file in files)
        {
            done.Add(await action(file, cancellationToken));
        }

        return done;
    }

    // Copies each blob that only damaged packs have, once.
    private static async Task<int> SaveBlobsAsync(
        Vault vault, VaultIndex index, HashSet<BlobId> bad, CancellationToken cancellationToken)
    {
        var packs = bad.Select(pack => index.FindPack(pack)).OfType<IndexedPack>().ToList();
        var wanted = new HashSet<int>();
        foreach (var (blob, number) in packs.SelectMany(pack => pack.Blobs))
        {
            var places = index.FindAll(blob.Kind, blob.Id);
            if (places.All(place => bad.Contains(place.Pack)) && places[0].Number == number)
            {
                wanted.Add(number);
            }
        }

        if (wanted.Count > 0)
        {
            await new Repacking(vault, index, wanted.Contains, static _ => false).RunAsync(packs, onPack: null, cancellationToken);
        }

        return wanted.Count;
    }

    private static async Task<IReadOnlyList<HurtSnapshot>> ChangeSnapshotsAsync(
        Vault vault, RepairPlan plan, RepairOptions options, AsideFiles aside, CancellationToken cancellationToken)
    {
        var trees = new TreeRepair(vault, plan.Index.Index, plan.Trees);
        var roots = new Dictionary<BlobId, BlobId?>();
        if (options.Losses == LossPolicy.DropFiles)
        {
            await using var writer = vault.CreatePackWriter(plan.Index.Index);
            using var encoder = vault.CreateEncoder();
            foreach (var snapshot in plan.Hurt)
            {
                roots[snapshot.Id] = await trees.RewriteAsync(snapshot.Snapshot.Tree, writer, encoder, cancellationToken);
            }

            await writer.FinishAsync(cancellationToken);
        }

        var changed = new List<HurtSnapshot>();
        foreach (var snapshot in plan.Hurt)
        {
            if (roots.GetValueOrDefault(snapshot.Id) is { } root)
            {
                var anew = (snapshot.Snapshot with { Tree = root }).AsPartial();
                changed.Add(snapshot with { NewId = await vault.Snapshots.ReplaceAsync(snapshot.Id, anew, cancellationToken) });
                continue;
            }

            var file = new DamagedFile(BlobName.Of(BlobType.Snapshots, snapshot.Id.ToString()), "");
            await aside.MoveAsync(file, cancellationToken);
            changed.Add(snapshot);
        }

        return changed;
    }
}
