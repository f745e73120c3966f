using System.Collections.Concurrent;
using Halley.Client.Checking;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// Compares the packs on the store with the index. A pack that the index knows with its right size is believed, unless it is to be read; of
/// all others the header is read, and when that is damaged, each blob.
/// </summary>
internal sealed class PackSurvey(Vault vault, VaultIndex index)
{
    private readonly ConcurrentDictionary<BlobId, SurveyedPack> _found = [];

    /// <summary>All packs that are not as the index says.</summary>
    public IReadOnlyCollection<SurveyedPack> Wrong => [.. _found.Values.OrderBy(pack => pack.Id)];

    /// <summary>Looks at all packs.</summary>
    /// <param name="readsHeader">Which packs' headers are read although their size is right.</param>
    /// <param name="readsData">Which packs are read byte by byte.</param>
    /// <param name="onPack">Receives the number of packs done, and of all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(
        Func<BlobId, bool> readsHeader, Func<BlobId, bool> readsData, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<BlobId, long>();
        await foreach (var entry in vault.Store.ListAsync(BlobType.Data, cancellationToken))
        {
            stored.Add(BlobId.Parse(entry.Id), entry.Length);
        }

        foreach (var pack in index.Packs.Where(pack => !stored.ContainsKey(pack.Id)))
        {
            _found[pack.Id] = new(pack.Id, PackState.Missing, [], $"data/{pack.Id} is missing.");
        }

        var gate = new Lock();
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = vault.Options.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(stored, options, async (pack, token) =>
        {
            if (readsData(pack.Key))
            {
                await ReadAsync(pack.Key, token);
            }
            else if (readsHeader(pack.Key) || index.FindPack(pack.Key) is not { } indexed || indexed.Size != pack.Value)
            {
                await ReadHeaderAsync(pack.Key, token);
            }

            lock (gate)
            {
                onPack?.Invoke(++done, stored.Count);
            }
        });
    }

    private async ValueTask ReadAsync(BlobId id, CancellationToken cancellationToken)
    {
        using var pack = await vault.OpenPackAsync(id, cancellationToken);
        if (pack is null)
        {
            _found[id] = new(id, PackState.Missing, [], $"data/{id} is missing.");
            return;
        }

        using var decoder = vault.CreateDecoder();
        var reason = await PackCheck.HashAsync(pack, cancellationToken) == id ? "" : $"{pack.Name} is not what its name says.";
        var blobs = await TryReadHeaderAsync(pack, decoder, cancellationToken);
        if (blobs is null)
        {
            reason = reason.Length > 0 ? reason : $"The header of {pack.Name} makes no sense.";
            blobs = IndexedBlobs(id);
        }

        var (good, bad) = (new List<PackedBlob>(), 0);
        var candidates = blobs.Where(blob => blob.HasPossibleLengths && blob.End <= pack.Length).ToList();
        bad += blobs.Count - candidates.Count;
        await pack.ReadManyAsync(
            candidates, decoder,
            blob =>
            {
                if (blob.Damage == BlobDamage.None)
                {
                    good.Add(blob.Blob);
                }
                else
                {
                    bad++;
                }

                return ValueTask.CompletedTask;
            },
            cancellationToken);
        if (bad > 0 || reason.Length > 0)
        {
            reason = reason.Length > 0 ? reason : $"{pack.Name} was written by a machine or program with a fault.";
            _found[id] = new(id, PackState.Damaged, good, $"{reason} {good.Count} of its {good.Count + bad} blobs are good.");
            return;
        }

        AddGood(id, blobs);
    }

    private async ValueTask ReadHeaderAsync(BlobId id, CancellationToken cancellationToken)
    {
        using var pack = await vault.OpenPackAsync(id, cancellationToken);
        using var decoder = vault.CreateDecoder();
        if (pack is not null && await TryReadHeaderAsync(pack, decoder, cancellationToken) is { } blobs)
        {
            AddGood(id, blobs);
            return;
        }

        await ReadAsync(id, cancellationToken);
    }

    private void AddGood(BlobId id, IReadOnlyList<PackedBlob> header)
    {
        if (index.FindPack(id) is { } indexed && indexed.Blobs.Select(entry => entry.Blob).ToHashSet().SetEquals(header))
        {
            return;
        }

        _found[id] = new(id, PackState.Unindexed, header, "");
    }

    private List<PackedBlob> IndexedBlobs(BlobId id) =>
        index.FindPack(id) is { } indexed ? [.. indexed.Blobs.Select(entry => entry.Blob).OrderBy(blob => blob.Offset)] : [];

    private static async ValueTask<IReadOnlyList<PackedBlob>?> TryReadHeaderAsync(
        PackReader pack, BlobDecoder decoder, CancellationToken cancellationToken)
    {
        try
        {
            return await pack.ReadHeaderAsync(decoder, cancellationToken);
        }
        catch (VaultException)
        {
            return null;
        }
    }
}
