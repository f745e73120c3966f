using System.Globalization;
using System.Text.Json;
using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository;

/// <summary>
/// The settings that are fixed at a vault's creation: its id, its format and how files are cut. Stored as <c>config</c>, encrypted, never
/// changed.
/// </summary>
/// <param name="Version">Format of the repository: 1, or 2 with compression.</param>
/// <param name="Id">32 random bytes. They name the folder of the local cache.</param>
/// <param name="Polynomial">Irreducible polynomial of degree 53 over GF(2) that decides where files are cut.</param>
public sealed record VaultConfig(int Version, BlobId Id, ulong Polynomial)
{
    /// <summary>The newest format that this program reads, and the format that it creates.</summary>
    public const int NewestVersion = 2;

    /// <summary>
    /// True when another program chose a way of cutting files that this one lacks. Such a vault can be read; writing is refused, since
    /// nothing would be deduplicated.
    /// </summary>
    public bool HasForeignChunker { get; init; }

    /// <summary>A new vault's config.</summary>
    public static VaultConfig Create() => new(NewestVersion, BlobId.Random(), ChunkerPolynomial.CreateRandom());

    internal byte[] ToJson()
    {
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Member("version"u8);
        writer.Number((long)Version);
        writer.Member("id"u8);
        writer.Id(Id);
        writer.Member("chunker_polynomial"u8);
        writer.String(Polynomial.ToString("x", CultureInfo.InvariantCulture));
        writer.EndObject();
        return writer.Written.ToArray();
    }

    /// <exception cref="VaultException">It is damaged, or of a format that this program does not know.</exception>
    internal static VaultConfig Parse(ReadOnlySpan<byte> json)
    {
        var config = VaultJson.Parse(BlobName.Config, json, ReadConfig);
        if (config.Version is < 1 or > NewestVersion)
        {
            throw new VaultException(
                VaultFault.Unsupported, BlobName.Config,
                $"The vault has format {config.Version}; this program reads formats 1 and {NewestVersion}. Update it.");
        }

        return !config.Id.IsZero && ChunkerPolynomial.IsValid(config.Polynomial)
            ? config
            : throw VaultException.Damaged(BlobName.Config, config.Id.IsZero ? "it has no id" : "its polynomial cannot cut files");
    }

    private static VaultConfig ReadConfig(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var (version, id, polynomial, isForeign) = (0, default(BlobId), 0UL, false);
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("version"u8))
            {
                version = VaultJson.Int32(ref reader);
            }
            else if (name.SequenceEqual("id"u8))
            {
                id = VaultJson.Id(ref reader);
            }
            else if (name.SequenceEqual("chunker_polynomial"u8))
            {
                polynomial = ulong.Parse(VaultJson.String(ref reader), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }
            else
            {
                isForeign |= IsForeignChunker(ref reader, name);
                reader.Skip();
            }
        }

        return new VaultConfig(version, id, polynomial) { HasForeignChunker = isForeign };
    }

    // rustic's additions. Null stands for the default.
    private static bool IsForeignChunker(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name)
    {
        if (VaultJson.IsNull(ref reader))
        {
            return false;
        }

        return name switch
        {
            _ when name.SequenceEqual("chunker"u8) => !reader.ValueTextEquals("rabin"u8),
            _ when name.SequenceEqual("chunk_size"u8) => VaultJson.Unsigned(ref reader) != 1 << 20,
            _ when name.SequenceEqual("chunk_min_size"u8) => VaultJson.Unsigned(ref reader) != 1 << 19,
            _ when name.SequenceEqual("chunk_max_size"u8) => VaultJson.Unsigned(ref reader) != 1 << 23,
            _ => false,
        };
    }
}
