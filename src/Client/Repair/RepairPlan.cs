using Halley.Client.Repository;
using Halley.Client.Repository.Files;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>What is wrong with a vault, and all that a repair needs to know to change it.</summary>
internal sealed class RepairPlan
{
    private RepairPlan(
        RepairedIndex index, WholeTrees trees, IReadOnlyList<SnapshotEntry> snapshots, IReadOnlyList<HurtSnapshot> hurt)
    {
        (Index, Trees, Snapshots, Hurt) = (index, trees, snapshots, hurt);
    }

    public RepairedIndex Index { get; }

    public WholeTrees Trees { get; }

    /// <summary>All snapshots that can be read.</summary>
    public IReadOnlyList<SnapshotEntry> Snapshots { get; }

    public IReadOnlyList<HurtSnapshot> Hurt { get; }

    /// <summary>Snapshot files and lists of packs that cannot be read.</summary>
    public required IReadOnlyList<DamagedFile> Unreadable { get; init; }

    /// <summary>Key files that are not what they were. They stay: perhaps somebody can mend one.</summary>
    public required IReadOnlyList<DamagedFile> Keys { get; init; }

    public IEnumerable<DamagedFile> Packs => Index.Wrong.Where(pack => pack.State is PackState.Damaged or PackState.Missing)
        .Select(pack => new DamagedFile(BlobName.Of(BlobType.Data, pack.Id.ToString()), pack.Reason));

    public bool IsWhole => Index.Wrong.Count == 0 && Index.Unreadable.Count == 0 && Unreadable.Count == 0 && Hurt.Count == 0;

    /// <summary>
    /// Finds out. A directory that cannot be read brings its pack under suspicion; such packs are read byte by byte, and everything is
    /// looked at again, until there is no new suspicion.
    /// </summary>
    public static async Task<RepairPlan> MakeAsync(Vault vault, RepairOptions options, CancellationToken cancellationToken)
    {
        var suspects = new HashSet<BlobId>();
        while (true)
        {
            var unreadable = new List<DamagedFile>();
            void Add(VaultException error) => unreadable.Add(new(error.File!.Value, error.Message));
            var snapshots = await vault.Snapshots.ListAsync(Add, cancellationToken);
            await vault.PackIndexes.ListAsync(Add, cancellationToken);
            var index = await RepairedIndex.LoadAsync(vault, cancellationToken);
            bool ReadsData(BlobId pack) => options.ReadsData || suspects.Contains(pack);
            await index.SurveyAsync(_ => false, ReadsData, options.OnPack, cancellationToken);
            await index.ApplyAsync(keepsDamaged: false, cancellationToken);
            var trees = new WholeTrees(vault, index.Index);
            var hurt = await FindHurtAsync(vault, index.Index, trees, snapshots, cancellationToken);
            if (trees.Suspects.All(ReadsData))
            {
                var keys = await FindDamagedKeysAsync(vault, cancellationToken);
                return new RepairPlan(index, trees, snapshots, hurt) { Unreadable = unreadable, Keys = keys };
            }

            suspects.UnionWith(trees.Suspects);
        }
    }

    /// <summary>Finds the snapshots that lack something, in the order in which they are given.</summary>
    public static async Task<IReadOnlyList<HurtSnapshot>> FindHurtAsync(
        Vault vault, VaultIndex index, WholeTrees trees, IReadOnlyList<SnapshotEntry> snapshots, CancellationToken cancellationToken)
    {
        var hurt = new List<HurtSnapshot>();
        var listing = new TreeRepair(vault, index, trees);
        foreach (var (id, snapshot) in snapshots)
        {
            if (!await trees.IsWholeAsync(snapshot.Tree, cancellationToken))
            {
                hurt.Add(new(id, snapshot, await listing.ListLostAsync(snapshot.Tree, cancellationToken), NewId: null));
            }
        }

        return hurt;
    }

    private static async Task<IReadOnlyList<DamagedFile>> FindDamagedKeysAsync(Vault vault, CancellationToken cancellationToken)
    {
        var damaged = new List<DamagedFile>();
        await foreach (var entry in vault.Store.ListAsync(BlobType.Keys, cancellationToken))
        {
            var name = BlobName.Of(BlobType.Keys, entry.Id);
            try
            {
                await StoredFile.TryReadAsync(vault.Store, name, VaultFormat.LongestSmallFile, cancellationToken);
            }
            catch (VaultException error)
            {
                damaged.Add(new(name, error.Message));
            }
        }

        return damaged;
    }
}
