using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// The file in the root of a volume that identifies it. A directory without it is an empty mount point or an unrelated disk. Neither may
/// be mistaken for a volume that has lost its files.
/// </summary>
internal static class VolumeMarker
{
    private const int Format = 1;

    /// <summary>The marker's bytes; null without a marker.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static byte[]? Read(DiskCalls disk, string volume) => disk.ReadSmall(Path.Combine(volume, VolumeLayout.Marker));

    /// <summary>The volume's id in a marker.</summary>
    /// <exception cref="IOException">It cannot be understood.</exception>
    public static Guid Parse(ReadOnlySpan<byte> marker)
    {
        try
        {
            var content = JsonSerializer.Deserialize(marker, VolumeMarkerJson.Default.Content);
            return content is { Format: Format } && content.Volume != Guid.Empty
                ? content.Volume
                : throw new IOException("The marker was made by a newer version of this program.");
        }
        catch (JsonException error)
        {
            throw new IOException("The marker is damaged.", error);
        }
    }

    /// <summary>Marks a directory as a new volume, the last step of making one.</summary>
    public static void Write(DiskCalls disk, FlushPolicy flush, string volume, Guid id)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new Content(Format, id), VolumeMarkerJson.Default.Content);
        var staging = Path.Combine(volume, StagingDirectory.Name);
        if (!DurableFile.WriteNew(disk, flush, staging, Path.Combine(volume, VolumeLayout.Marker), bytes))
        {
            throw new IOException("Somebody else marked the directory at the same time.");
        }
    }

    /// <summary>What stands in it.</summary>
    internal sealed record Content(int Format, Guid Volume);
}

/// <summary>The marker, for builds that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(VolumeMarker.Content))]
internal sealed partial class VolumeMarkerJson : JsonSerializerContext;
