using System.Text.Json;
using Halley.Client.Repository.Json;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Repository.Indexes;

/// <summary>
/// The text of an index file: packs with the place of each blob. Members of other programs are ignored; a pack that stands only among
/// rustic's
/// <c>packs_to_delete</c> is not usable.
/// </summary>
internal static class IndexJson
{
    internal delegate void PackAction(in BlobId pack, ReadOnlySpan<PackedBlob> blobs);

    /// <summary>Reads a text and hands over one pack after the other.</summary>
    /// <exception cref="VaultException">It is damaged. Some packs may have been handed over.</exception>
    public static IndexFile Read(BlobName file, ReadOnlySpan<byte> json, PackAction onPack) =>
        VaultJson.Parse(file, json, (ref Utf8JsonReader reader, ReadOnlySpan<byte> _) => ReadIndex(ref reader, file, onPack));

    public static void Write(GoJsonWriter writer, IEnumerable<IndexedPack> packs)
    {
        writer.BeginObject();
        writer.Member("packs"u8);
        writer.BeginArray();
        foreach (var pack in packs)
        {
            writer.BeginObject();
            writer.Member("id"u8);
            writer.Id(pack.Id);
            writer.Member("blobs"u8);
            writer.BeginArray();
            foreach (var (blob, _) in pack.Blobs)
            {
                WriteBlob(writer, blob);
            }

            writer.EndArray();
            writer.EndObject();
        }

        writer.EndArray();
        writer.EndObject();
        writer.AppendRange("\n"u8);
    }

    private static void WriteBlob(GoJsonWriter writer, in PackedBlob blob)
    {
        writer.BeginObject();
        writer.Member("id"u8);
        writer.Id(blob.Id);
        writer.Member("type"u8);
        writer.Value(blob.Kind == BlobKind.Tree ? "\"tree\""u8 : "\"data\""u8);
        writer.Member("offset"u8);
        writer.Number((long)blob.Offset);
        writer.Member("length"u8);
        writer.Number((long)blob.Length);
        if (blob.IsCompressed)
        {
            writer.Member("uncompressed_length"u8);
            writer.Number((long)blob.CompressedFrom);
        }

        writer.EndObject();
    }

    private static IndexFile ReadIndex(ref Utf8JsonReader reader, BlobName file, PackAction onPack)
    {
        var packs = new List<BlobId>();
        var blobs = new List<PackedBlob>();
        var count = 0;
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (!name.SequenceEqual("packs"u8) || VaultJson.IsNull(ref reader))
            {
                reader.Skip();
                continue;
            }

            VaultJson.Expect(ref reader, JsonTokenType.StartArray);
            while (VaultJson.NextElement(ref reader))
            {
                var pack = ReadPack(ref reader, blobs);
                onPack(pack, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(blobs));
                packs.Add(pack);
                count += blobs.Count;
            }
        }

        return new IndexFile(BlobId.Parse(file.Id), packs, count);
    }

    private static BlobId ReadPack(ref Utf8JsonReader reader, List<PackedBlob> blobs)
    {
        BlobId? id = null;
        blobs.Clear();
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("id"u8))
            {
                id = VaultJson.Id(ref reader);
            }
            else if (name.SequenceEqual("blobs"u8) && !VaultJson.IsNull(ref reader))
            {
                VaultJson.Expect(ref reader, JsonTokenType.StartArray);
                while (VaultJson.NextElement(ref reader))
                {
                    blobs.Add(ReadBlob(ref reader));
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return id ?? throw new JsonException("A pack has no id.");
    }

    private static PackedBlob ReadBlob(ref Utf8JsonReader reader)
    {
        BlobId? id = null;
        BlobKind? kind = null;
        var (offset, length, compressedFrom) = (0u, 0u, 0u);
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("id"u8))
            {
                id = VaultJson.Id(ref reader);
            }
            else if (name.SequenceEqual("type"u8))
            {
                kind = reader.ValueTextEquals("data"u8) ? BlobKind.Data
                    : reader.ValueTextEquals("tree"u8) ? BlobKind.Tree
                    : throw new JsonException("A blob has an unknown type.");
            }
            else if (name.SequenceEqual("offset"u8))
            {
                offset = VaultJson.Unsigned32(ref reader);
            }
            else if (name.SequenceEqual("length"u8))
            {
                length = VaultJson.Unsigned32(ref reader);
            }
            else if (name.SequenceEqual("uncompressed_length"u8))
            {
                compressedFrom = VaultJson.Unsigned32(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        var blob = new PackedBlob(
            id ?? throw new JsonException("A blob has no id."),
            kind ?? throw new JsonException("A blob has no type."),
            offset, length, compressedFrom);
        return blob.HasPossibleLengths ? blob : throw new JsonException($"Blob {blob.Id} has impossible lengths.");
    }
}
