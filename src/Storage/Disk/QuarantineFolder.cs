using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Halley.Storage.Disk;

/// <summary>
/// Keeps files whose content cannot match their name: <c>{bucket}/{type}/{id}.{unix-ms}</c>, each with its facts in a <c>.json</c> beside
/// it. The facts are written first. A crash between the two leaves the file in place, and facts without a file.
/// </summary>
internal static class QuarantineFolder
{
    private const string FactsEnding = ".json";
    private const int MostAttempts = 100;

    /// <summary>Takes a file away. Returns its path below the quarantine of all buckets, or null when it no longer exists.</summary>
    public static string? Take(DiskCalls disk, FlushPolicy flush, VaultPaths paths, string file, BlobName name, QuarantineFacts facts)
    {
        var folder = Path.Combine(paths.Quarantine, BlobName.NameOf(name.Type));
        var milliseconds = new DateTimeOffset(facts.At).ToUnixTimeMilliseconds();
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var newName = string.Create(
                CultureInfo.InvariantCulture, $"{(name.Id.Length == 0 ? "config" : name.Id)}.{milliseconds + attempt}");
            var target = $"{folder}/{newName}";
            if (!TryWriteFacts(disk, flush, paths, folder, target + FactsEnding, facts))
            {
                continue;
            }

            if (!disk.MoveAway(file, target))
            {
                disk.Delete(target + FactsEnding);
                return null;
            }

            if (flush == FlushPolicy.Full)
            {
                disk.FlushDirectory(folder);
                disk.FlushDirectory(Path.GetDirectoryName(file)!);
            }

            return $"{paths.Bucket}/{BlobName.NameOf(name.Type)}/{newName}";
        }

        throw new IOException("The quarantine folder is full of files with the same name.");
    }

    /// <summary>
    /// All files in the quarantine of a volume with their paths below it. Facts without a file, which a crash can leave, are left out.
    /// </summary>
    public static IEnumerable<(string KeptAs, QuarantineFacts Facts)> Read(DiskCalls disk, string quarantine)
    {
        var folders = disk.Directories(quarantine)
            .SelectMany(bucket => disk.Directories($"{quarantine}/{bucket}").Select(type => $"{bucket}/{type}"));
        foreach (var folder in folders)
        {
            var names = disk.Names($"{quarantine}/{folder}").ToHashSet();
            foreach (var name in names.Where(name => !name.EndsWith(FactsEnding, StringComparison.Ordinal)))
            {
                if (names.Contains(name + FactsEnding) && Parse(disk.ReadSmall($"{quarantine}/{folder}/{name}{FactsEnding}")) is { } facts)
                {
                    yield return ($"{folder}/{name}", facts);
                }
            }
        }
    }

    // False when the name is taken. On a full disk the file goes without its facts: correct results for clients come first.
    private static bool TryWriteFacts(
        DiskCalls disk, FlushPolicy flush, VaultPaths paths, string folder, string path, QuarantineFacts facts)
    {
        try
        {
            using var file = DurableFile.Begin(disk, flush, paths.Staging); // fails when the disk has gone, before any folder is made
            file.Append(JsonSerializer.SerializeToUtf8Bytes(facts, QuarantineJson.Default.QuarantineFacts));
            CreateFolder(disk, flush, paths.Quarantine);
            CreateFolder(disk, flush, folder);
            return file.Publish(path);
        }
        catch (Exception error) when (Errno.IsNoSpace(error))
        {
            return true;
        }
    }

    private static void CreateFolder(DiskCalls disk, FlushPolicy flush, string path)
    {
        if (disk.CreateDirectory(path) && flush == FlushPolicy.Full)
        {
            disk.FlushDirectory(Path.GetDirectoryName(path)!);
        }
    }

    private static QuarantineFacts? Parse(byte[]? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, QuarantineJson.Default.QuarantineFacts);
        }
        catch (JsonException)
        {
            return null; // cut short by a person, or not ours
        }
    }
}

/// <summary>The facts kept beside a file in quarantine, for administrators and for the list of findings.</summary>
/// <param name="Kind">The fault.</param>
/// <param name="Bucket">Its bucket; empty for a standalone vault.</param>
/// <param name="Name">Its name in the vault, such as <c>data/1234…</c>.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ExpectedHash">The SHA-256 that its content should have.</param>
/// <param name="ActualHash">The SHA-256 that it has; null when the content could not be read or was not read.</param>
/// <param name="Volume">The volume it was on.</param>
/// <param name="At">UTC time at which it was taken away.</param>
/// <param name="Reason">The reason, in one sentence.</param>
public sealed record QuarantineFacts(
    FindingKind Kind, string Bucket, string Name, long Length, string ExpectedHash, string? ActualHash, Guid? Volume, DateTime At,
    string Reason);

/// <summary>The facts, for builds that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(QuarantineFacts))]
internal sealed partial class QuarantineJson : JsonSerializerContext;
