using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>Answers what is in the vaults of the account.</summary>
internal sealed class VaultBrowsing(JobRunnerOptions options)
{
    // Somebody waits for the answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VaultOpening _vaults = new(options);

    /// <summary>The snapshots of a vault, the oldest first.</summary>
    public Task<List<VaultSnapshot>> ListSnapshotsAsync(string vaultId, CancellationToken cancellationToken) => RunAsync(
        vaultId,
        async vault =>
        {
            var snapshots = await vault.Snapshots.ListAsync(static _ => { }, cancellationToken);
            return snapshots.Select(ToWire).ToList();
        },
        cancellationToken);

    /// <summary>A folder of a snapshot.</summary>
    public Task<List<StoredObject>> ListFolderAsync(ListStoredArguments arguments, CancellationToken cancellationToken) => RunAsync(
        arguments.Destination,
        async vault =>
        {
            var snapshot = await FindAsync(vault, arguments.Snapshot, cancellationToken);
            var index = await vault.LoadIndexAsync(cancellationToken);
            var folder = arguments.Tree.Length == 0 ? snapshot.Tree
                : BlobId.TryParse(arguments.Tree, out var tree) ? tree
                : throw new RunnerException(RunnerException.UnknownSnapshot, $"'{arguments.Tree}' is not a folder of the snapshot.");
            var nodes = (await vault.ReadTreeAsync(index, folder, cancellationToken)).Nodes;
            return nodes.Select(ToWire).ToList();
        },
        cancellationToken);

    /// <summary>
    /// The files of snapshots that a clause matches, by snapshot; no more than <see cref="JobRunnerOptions.MostFound"/>, and whether that
    /// is all.
    /// </summary>
    public Task<(Dictionary<string, List<SearchResultFileInfo>> Found, bool IsAll)> SearchAsync(
        SearchSnapshotsArguments arguments, CancellationToken cancellationToken)
    {
        var search = FileSearch.Parse(arguments.Filter);
        return RunAsync(
            arguments.Destination,
            async vault =>
            {
                var snapshots = new Dictionary<string, Snapshot>();
                foreach (var id in arguments.Snapshots.Distinct())
                {
                    snapshots.Add(id, await FindAsync(vault, id, cancellationToken));
                }

                var index = await vault.LoadIndexAsync(cancellationToken);
                var found = new Dictionary<string, List<SearchResultFileInfo>>();
                var (left, isAll) = (options.MostFound, true);
                foreach (var (id, snapshot) in snapshots)
                {
                    found.Add(id, []);
                    isAll = isAll && await AddFoundAsync(vault, index, snapshot, search, found[id], left, cancellationToken);
                    left -= found[id].Count;
                }

                return (found, isAll);
            },
            cancellationToken);
    }

    // False when there are more than it may add.
    private static async Task<bool> AddFoundAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, FileSearch search, List<SearchResultFileInfo> found, int most,
        CancellationToken cancellationToken)
    {
        var walk = new SnapshotWalk(vault, index, static (_, _) => { });
        await foreach (var entry in walk.RunAsync(snapshot.Tree, enters: null, cancellationToken))
        {
            if (!search.Matches(entry))
            {
                continue;
            }

            if (found.Count == most)
            {
                return false;
            }

            found.Add(FileSearch.ToWire(entry));
        }

        return true;
    }

    private static async Task<Snapshot> FindAsync(Vault vault, string id, CancellationToken cancellationToken) =>
        BlobId.TryParse(id, out var name) && await vault.Snapshots.TryReadAsync(name, cancellationToken) is { } snapshot
            ? snapshot
            : throw new RunnerException(RunnerException.UnknownSnapshot, $"The vault has no snapshot {id}.");

    private static VaultSnapshot ToWire(SnapshotEntry entry)
    {
        var engine = ItemTags.EngineOf(entry.Snapshot);
        return new()
        {
            Snapshot = entry.Id.ToString(),
            EngineType = engine,
            Source = ItemTags.ItemOf(entry.Snapshot),
            CreateTime = SecondsOf(entry.Snapshot.Time),
            HasOriginalPathInfo = engine == FileItem.Engine,
            Tags = ItemTags.FurtherOf(entry.Snapshot),
        };
    }

    private static StoredObject ToWire(Node node) => new()
    {
        Name = node.DisplayName,
        ModifyTime = SecondsOf(node.ModifyTime),
        Type = FileSearch.TypeOf(node),
        Subtree = node.Subtree?.ToString() ?? "",
        Size = node.Size,
    };

    private static long SecondsOf(VaultTime time) => time.ToDateTimeOffset().ToUnixTimeSeconds();

    private async Task<T> RunAsync<T>(string vaultId, Func<Vault, Task<T>> run, CancellationToken cancellationToken)
    {
        var place = VaultOpening.Find((await options.ReadProfile(cancellationToken)).Profile, vaultId);
        try
        {
            using var vault = await _vaults.OpenAsync(place, new VaultUse { GiveUpAfter = Patience }, cancellationToken);
            return await run(vault.Vault);
        }
        catch (Exception error) when (error is VaultException or BlobStoreException)
        {
            throw new RunnerException(RunnerException.VaultUnavailable, error.Message);
        }
    }
}
