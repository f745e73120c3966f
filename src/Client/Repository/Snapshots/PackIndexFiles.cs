using System.Text.Json;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Files;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.Snapshots;

/// <summary>Which packs a snapshot needs.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Packs">Each pack that holds a blob of it, once.</param>
public sealed record PackIndex(BlobId Snapshot, IReadOnlyList<BlobId> Packs);

/// <summary>
/// The files of <c>packindex/</c>. Each lists the packs that one snapshot needs, which shows whether it can be restored without reading its
/// trees. restic ignores them. They only save time: a missing or damaged one is rebuilt.
/// </summary>
public sealed class PackIndexFiles
{
    private readonly VaultFiles _files;
    private readonly MetadataCache? _cache;

    internal PackIndexFiles(VaultFiles files, MetadataCache? cache) => (_files, _cache) = (files, cache);

    /// <summary>Writes one.</summary>
    public ValueTask<BlobId> SaveAsync(PackIndex packIndex, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(packIndex);
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Member("snapshot"u8);
        writer.Id(packIndex.Snapshot);
        writer.Member("packs"u8);
        writer.BeginArray();
        foreach (var pack in packIndex.Packs)
        {
            writer.Id(pack);
        }

        writer.EndArray();
        writer.EndObject();
        return _files.WriteAsync(BlobType.PackIndex, writer.Written, cancellationToken);
    }

    /// <summary>All readable packindexes, each with the name of its file.</summary>
    /// <param name="onDamage">Receives the error of each unreadable one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<IReadOnlyList<(BlobId File, PackIndex PackIndex)>> ListAsync(
        Action<VaultException> onDamage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        var files = await _files.ListAsync(BlobType.PackIndex, cancellationToken);
        if (_cache is not null)
        {
            await _cache.KeepOnlyAsync(BlobType.PackIndex, files.Select(file => file.Id).ToHashSet(), cancellationToken);
        }

        var found = new List<(BlobId, PackIndex)>(files.Count);
        foreach (var file in files)
        {
            var name = BlobName.Of(BlobType.PackIndex, file.Id);
            try
            {
                if (await _files.TryReadAsync(name, text => VaultJson.Parse(name, text.Span, Read), cancellationToken) is { } packIndex)
                {
                    found.Add((BlobId.Parse(file.Id), packIndex));
                }
            }
            catch (VaultException error)
            {
                onDamage(error);
            }
        }

        return found;
    }

    private static PackIndex Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        BlobId? snapshot = null;
        List<BlobId> packs = [];
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("snapshot"u8))
            {
                snapshot = VaultJson.Id(ref reader);
            }
            else if (name.SequenceEqual("packs"u8))
            {
                packs = VaultJson.List<BlobId>(ref reader, VaultJson.Id);
            }
            else
            {
                reader.Skip();
            }
        }

        return new PackIndex(snapshot ?? throw new JsonException("It names no snapshot."), packs);
    }
}
