using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>
/// Checks a vault: that index, snapshots and trees can be read, that all blobs which they need are in packs, that the packs exist and have
/// their size, and on request that each byte of them is right. It changes nothing.
/// </summary>
public static class VaultCheck
{
    /// <summary>
    /// Checks a vault. Another program that deletes from it meanwhile can cause findings, so the caller holds an exclusive lock.
    /// </summary>
    /// <param name="vault">The vault.</param>
    /// <param name="options">How far the check goes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="BlobStoreException">The store fails, so nothing is known.</exception>
    /// <exception cref="VaultException">
    /// The server did not read the packs, and <see cref="CheckOptions.OnServerRefused"/> is null.
    /// </exception>
    public static async Task<CheckResult> RunAsync(Vault vault, CheckOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(options);
        var findings = new CheckFindings(options.OnFinding);
        var snapshots = await vault.Snapshots.ListAsync(findings.AddFile, cancellationToken);
        var index = await vault.LoadIndexAsync(findings.AddFile, cancellationToken);
        await vault.PackIndexes.ListAsync(findings.AddFile, cancellationToken);
        await CheckKeysAsync(vault, findings, cancellationToken);
        var packs = await CheckPacksAsync(vault, index, findings, cancellationToken);
        var trees = new TreeCheck(vault, index, findings);
        foreach (var snapshot in snapshots)
        {
            await trees.RunAsync(snapshot, cancellationToken);
        }

        var read = options.ReadData?.Choose(packs) ?? [];
        var verified = 0;
        if (options.Server is { } server)
        {
            try
            {
                var left = await server.RunAsync(read, findings, options.OnPackRead, cancellationToken);
                (verified, read) = (read.Count - left.Count, left);
            }
            catch (VaultException error) when (error.Fault == VaultFault.Unsupported && options.OnServerRefused is not null)
            {
                options.OnServerRefused(error.Message);
            }
        }

        await ReadAsync(vault, index, read, options, findings, cancellationToken);
        return new(snapshots.Count, trees.Trees, packs.Count, read.Count, findings.Damages, trees.UnusedBlobs, verified);
    }

    // A key file is named by its SHA-256; those of other passwords cannot be opened.
    private static async ValueTask CheckKeysAsync(Vault vault, CheckFindings findings, CancellationToken cancellationToken)
    {
        await foreach (var entry in vault.Store.ListAsync(BlobType.Keys, cancellationToken))
        {
            try
            {
                await Repository.Files.StoredFile.TryReadAsync(
                    vault.Store, BlobName.Of(BlobType.Keys, entry.Id), VaultFormat.LongestSmallFile, cancellationToken);
            }
            catch (VaultException error)
            {
                findings.AddFile(error);
            }
        }
    }

    private static async ValueTask<List<StoredPack>> CheckPacksAsync(
        Vault vault, VaultIndex index, CheckFindings findings, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<BlobId, long>();
        await foreach (var entry in vault.Store.ListAsync(BlobType.Data, cancellationToken))
        {
            sizes.Add(BlobId.Parse(entry.Id), entry.Length);
        }

        foreach (var pack in index.Packs)
        {
            var name = BlobName.Of(BlobType.Data, pack.Id.ToString());
            if (!sizes.TryGetValue(pack.Id, out var size))
            {
                findings.Add(
                    VaultFindingKind.MissingPack, name,
                    $"{name} is missing. Get it from a copy of the vault, or run `halley repair`.");
            }
            else if (size != pack.Size)
            {
                findings.Add(
                    VaultFindingKind.WrongPackSize, name,
                    $"{name} has {size} bytes instead of {pack.Size}. Get it from a copy of the vault, or run `halley repair`.");
            }
        }

        foreach (var pack in sizes.Keys.Where(pack => !index.ContainsPack(pack)))
        {
            var name = BlobName.Of(BlobType.Data, pack.ToString());
            findings.Add(
                VaultFindingKind.ExtraPack, name,
                $"{name} is in no index: an interrupted backup left it, or an index file is lost. If blobs are missing, run "
                + "`halley reindex`; if not, `halley prune` gives its room back.");
        }

        return [.. sizes.Select(pack => new StoredPack(pack.Key, pack.Value))];
    }

    private static async ValueTask ReadAsync(
        Vault vault, VaultIndex index, List<BlobId> packs, CheckOptions options, CheckFindings findings,
        CancellationToken cancellationToken)
    {
        using var check = new PackCheck(vault, index, findings);
        var gate = new Lock();
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(packs, parallel, async (pack, token) =>
        {
            await check.RunAsync(pack, token);
            lock (gate)
            {
                options.OnPackRead?.Invoke(++done, packs.Count);
            }
        });
    }
}
