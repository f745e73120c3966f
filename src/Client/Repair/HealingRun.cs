using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>One healing: finds what is lost, stores it again, and lets the index forget packs of which nothing is needed.</summary>
internal sealed class HealingRun(Vault vault, HealingOptions options)
{
    private RepairPlan _plan = null!;
    private VaultIndex _bad = null!;
    private WholeTrees _trees = null!;
    private IReadOnlyList<HurtSnapshot> _hurt = [];
    private LostContent _lost = null!;
    private IReadOnlyList<DamagedFile> _unreadable = [];

    private VaultIndex Index => _plan.Index.Index;

    private IEnumerable<SurveyedPack> BadPacks =>
        _plan.Index.Wrong.Where(pack => pack.State is PackState.Damaged or PackState.Missing);

    public async Task<HealingResult> RunAsync(CancellationToken cancellationToken)
    {
        var repair = new RepairOptions { ReadsData = options.ReadsData, OnPack = options.OnPack };
        _plan = await RepairPlan.MakeAsync(vault, repair, cancellationToken);
        (_trees, _hurt) = (_plan.Trees, _plan.Hurt);
        _unreadable = [.. _plan.Index.Unreadable, .. _plan.Unreadable.Where(file => file.File.Type == BlobType.Snapshots)];
        if (_plan.Index.Wrong.Count == 0 && _hurt.Count == 0)
        {
            return new HealingResult { Unreadable = _unreadable };
        }

        var bad = BadPacks.Select(pack => pack.Id).ToHashSet();
        _bad = await vault.LoadIndexAsync(static _ => { }, bad.Contains, cancellationToken);
        _lost = await FindLostAsync(cancellationToken);
        var first = _lost;
        var source = new LostSource(vault, Index, options);
        await RefreshAfterAsync(await source.ReadCopiesAsync([.. bad], _lost, cancellationToken), cancellationToken);
        while (_hurt.Where(snapshot => _lost.LacksDirectories(snapshot.Id)).ToList() is { Count: > 0 } without
            && await RefreshAfterAsync(
                await source.ReadDirectoriesAsync(without, Whole(), _lost, cancellationToken), cancellationToken))
        {
            // A directory that is back may name another one that was in no index.
        }

        await RefreshAfterAsync(await source.ReadFilesAsync(_lost, cancellationToken), cancellationToken);
        var forgotten = await ForgetAsync(bad, cancellationToken);
        return new HealingResult
        {
            Packs = [.. BadPacks.Select(pack => ResultOf(pack, first, forgotten))],
            BlobsHealed = source.Stored,
            HurtSnapshots = [.. _hurt.Select(source.Explain)],
            Unreadable = _unreadable,
        };
    }

    private async Task<bool> RefreshAfterAsync(bool hasStored, CancellationToken cancellationToken)
    {
        if (hasStored)
        {
            _trees = new WholeTrees(vault, Index);
            _hurt = await RepairPlan.FindHurtAsync(
                vault, Index, _trees, [.. _hurt.Select(snapshot => new SnapshotEntry(snapshot.Id, snapshot.Snapshot))], cancellationToken);
            _lost = await FindLostAsync(cancellationToken);
        }

        return hasStored;
    }

    private Task<LostContent> FindLostAsync(CancellationToken cancellationToken) =>
        LostContent.FindAsync(vault, Index, _bad, _trees, _hurt, cancellationToken);

    // Snapshots whose directories can all be read, to compare with.
    private List<SnapshotEntry> Whole() => [.. _plan.Snapshots.Where(entry => !_lost.LacksDirectories(entry.Id))];

    // New blobs are in an index before one forgets the pack that had them. Blobs of a missing pack that no snapshot needs do not keep it,
    // but only when all snapshots are whole: below a directory that is lost nobody knows what is needed.
    private async Task<HashSet<BlobId>> ForgetAsync(HashSet<BlobId> bad, CancellationToken cancellationToken)
    {
        var index = await vault.LoadIndexAsync(static _ => { }, cancellationToken);
        var found = _plan.Index.Wrong.Where(pack => pack.State == PackState.Unindexed && !index.ContainsPack(pack.Id)).ToList();
        found.ForEach(pack => index.AddPack(pack.Id, [.. pack.Blobs]));
        var isWhole = _hurt.Count == 0 && _unreadable.Count == 0;
        var forgotten = BadPacks.Where(pack => pack.State == PackState.Missing)
            .Where(pack => isWhole || index.FindPack(pack.Id) is not { } indexed
                || indexed.Blobs.All(entry => IsElsewhere(index, entry.Blob, bad)))
            .Select(pack => pack.Id).ToHashSet();
        if (forgotten.Count > 0 || found.Count > 0)
        {
            await vault.RewriteIndexAsync(index, pack => !forgotten.Contains(pack), [], cancellationToken);
        }

        if (forgotten.Count > 0 && isWhole)
        {
            await PackIndexUpkeep.RunAsync(vault, _plan.Snapshots, onProgress: null, cancellationToken);
        }

        return forgotten;
    }

    private static bool IsElsewhere(VaultIndex index, PackedBlob blob, HashSet<BlobId> bad) =>
        index.FindAll(blob.Kind, blob.Id).Any(place => !bad.Contains(place.Pack));

    private HealedPack ResultOf(SurveyedPack pack, LostContent first, HashSet<BlobId> forgotten)
    {
        var blobs = _bad.FindPack(pack.Id)?.Blobs.Select(entry => entry.Blob) ?? [];
        var lost = blobs.Where(blob => first.Contains(blob.Kind, blob.Id)).ToList();
        return new(
            BlobName.Of(BlobType.Data, pack.Id.ToString()), pack.Reason, lost.Count,
            lost.Count(blob => Index.Contains(blob.Kind, blob.Id)), forgotten.Contains(pack.Id));
    }
}
