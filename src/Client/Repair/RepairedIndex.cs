using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// The index as it should be. It is the loaded one, unless that says something wrong of a pack: then it is loaded a second time without
/// such packs, so that there is never more than one in memory.
/// </summary>
internal sealed class RepairedIndex
{
    private readonly Vault _vault;
    private readonly HashSet<BlobId> _replaced = [];

    private RepairedIndex(Vault vault, VaultIndex index, IReadOnlyList<DamagedFile> unreadable) =>
        (_vault, Index, Unreadable) = (vault, index, unreadable);

    /// <summary>The index.</summary>
    public VaultIndex Index { get; private set; }

    /// <summary>Index files that cannot be read.</summary>
    public IReadOnlyList<DamagedFile> Unreadable { get; }

    /// <summary>The packs that are not as the index said.</summary>
    public IReadOnlyCollection<SurveyedPack> Wrong { get; private set; } = [];

    /// <summary>Refuses a vault whose local copies could hide what is wrong with its files.</summary>
    public static void RefuseCache(Vault vault)
    {
        if (vault.Options.Cache is not null)
        {
            throw new ArgumentException("A repair reads the vault's own files: open it without a cache.", nameof(vault));
        }
    }

    public static async Task<RepairedIndex> LoadAsync(Vault vault, CancellationToken cancellationToken)
    {
        var unreadable = new List<DamagedFile>();
        var index = await vault.LoadIndexAsync(error => unreadable.Add(new(error.File!.Value, error.Message)), cancellationToken);
        return new(vault, index, unreadable);
    }

    /// <summary>Looks at the packs.</summary>
    public async Task SurveyAsync(
        Func<BlobId, bool> readsHeader, Func<BlobId, bool> readsData, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        var survey = new PackSurvey(_vault, Index);
        await survey.RunAsync(readsHeader, readsData, onPack, cancellationToken);
        Wrong = survey.Wrong;
    }

    /// <summary>Takes over what was found.</summary>
    /// <param name="keepsDamaged">Whether damaged packs stay as the index has them; else only their good blobs do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ApplyAsync(bool keepsDamaged, CancellationToken cancellationToken)
    {
        var changed = Wrong.Where(pack => !keepsDamaged || pack.State != PackState.Damaged).ToList();
        var left = changed.Where(pack => Index.ContainsPack(pack.Id)).Select(pack => pack.Id).ToHashSet();
        if (left.Count > 0)
        {
            _replaced.UnionWith(Index.Files.Where(file => file.Packs.Any(left.Contains)).Select(file => file.Id));
            Index = null!; // there is never more than one in memory
            Index = await _vault.LoadIndexAsync(static _ => { }, pack => !left.Contains(pack), cancellationToken);
        }

        foreach (var pack in changed.Where(pack => pack.State != PackState.Missing && pack.Blobs.Count > 0))
        {
            Index.AddPack(pack.Id, [.. pack.Blobs]);
        }
    }

    /// <summary>Writes index files for the packs that stay, then deletes those that are wrong. False when nothing had to be done.</summary>
    public ValueTask<bool> SaveAsync(Func<BlobId, bool> stays, CancellationToken cancellationToken)
    {
        var replaced = Unreadable.Select(file => BlobId.Parse(file.File.Id)).Concat(_replaced).ToHashSet();
        return _vault.RewriteIndexAsync(Index, stays, replaced, cancellationToken);
    }
}
