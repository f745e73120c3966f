using System.Globalization;

namespace Halley.Storage.Disk;

/// <summary>
/// Name of a file in the trash: its former name and the time of its deletion. On disk <c>{type}/{id}.{Unix milliseconds}</c>.
/// </summary>
internal readonly record struct HeldName(BlobName Name, long DeletedAtMilliseconds)
{
    private const string ConfigId = "config";

    public DateTime DeletedAt => DateTimeOffset.FromUnixTimeMilliseconds(DeletedAtMilliseconds).UtcDateTime;

    public string FileName => string.Create(
        CultureInfo.InvariantCulture, $"{(Name.Type == BlobType.Config ? ConfigId : Name.Id)}.{DeletedAtMilliseconds}");

    public static HeldName Of(BlobName name, DateTimeOffset deletedAt) => new(name, deletedAt.ToUnixTimeMilliseconds());

    /// <summary>Parses the name of a file in the trash folder of a type; null for a name that this program did not create.</summary>
    public static HeldName? Parse(BlobType type, string file)
    {
        var dot = file.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0
            || !long.TryParse(file.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > LatestMilliseconds)
        {
            return null;
        }

        var id = file[..dot];
        return type == BlobType.Config
            ? id == ConfigId ? new HeldName(BlobName.Config, at) : null
            : BlobName.IsId(id) ? new HeldName(BlobName.Of(type, id), at) : null;
    }

    /// <summary>Reads <c>{type}/{file}</c>.</summary>
    public static HeldName? Parse(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return null;
        }

        var folder = path.AsSpan(0, slash);
        return folder.SequenceEqual(ConfigId) ? Parse(BlobType.Config, path[(slash + 1)..])
            : BlobName.TryParseCollection(folder, out var type) ? Parse(type.Value, path[(slash + 1)..])
            : null;
    }

    /// <summary>Unique in a bucket and on a volume; lists are in its order.</summary>
    public override string ToString() => $"{BlobName.NameOf(Name.Type)}/{FileName}";

    private static readonly long LatestMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
