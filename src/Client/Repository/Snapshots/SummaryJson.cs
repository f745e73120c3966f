using System.Text.Json;
using Halley.Client.Repository.Json;

namespace Halley.Client.Repository.Snapshots;

/// <summary>The member <c>summary</c> of a snapshot: restic writes all of it, other programs some, and members of their own.</summary>
internal static class SummaryJson
{
    public static void Write(GoJsonWriter writer, SnapshotSummary summary)
    {
        writer.BeginObject();
        WriteTime(writer, "backup_start"u8, summary.BackupStart);
        WriteTime(writer, "backup_end"u8, summary.BackupEnd);
        WriteNumber(writer, "files_new"u8, summary.FilesNew);
        WriteNumber(writer, "files_changed"u8, summary.FilesChanged);
        WriteNumber(writer, "files_unmodified"u8, summary.FilesUnmodified);
        WriteNumber(writer, "dirs_new"u8, summary.DirectoriesNew);
        WriteNumber(writer, "dirs_changed"u8, summary.DirectoriesChanged);
        WriteNumber(writer, "dirs_unmodified"u8, summary.DirectoriesUnmodified);
        WriteNumber(writer, "data_blobs"u8, summary.DataBlobs);
        WriteNumber(writer, "tree_blobs"u8, summary.TreeBlobs);
        WriteNumber(writer, "data_added"u8, summary.DataAdded);
        WriteNumber(writer, "data_added_packed"u8, summary.DataAddedPacked);
        WriteNumber(writer, "total_files_processed"u8, summary.TotalFilesProcessed);
        WriteNumber(writer, "total_bytes_processed"u8, summary.TotalBytesProcessed);
        foreach (var member in summary.UnknownMembers)
        {
            writer.Value(member.Span);
        }

        writer.EndObject();
    }

    public static SnapshotSummary Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var unknown = new List<ReadOnlyMemory<byte>>();
        var summary = new SnapshotSummary();
        Span<char> characters = stackalloc char[VaultJson.LongestName];
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        for (var start = (int)reader.BytesConsumed; VaultJson.NextMember(ref reader, out var name); start = (int)reader.BytesConsumed)
        {
            if (VaultJson.IsNull(ref reader))
            {
                continue;
            }

            switch (VaultJson.Characters(name, characters))
            {
                case "backup_start": summary = summary with { BackupStart = VaultJson.Time(ref reader) }; break;
                case "backup_end": summary = summary with { BackupEnd = VaultJson.Time(ref reader) }; break;
                case "files_new": summary = summary with { FilesNew = VaultJson.Unsigned(ref reader) }; break;
                case "files_changed": summary = summary with { FilesChanged = VaultJson.Unsigned(ref reader) }; break;
                case "files_unmodified": summary = summary with { FilesUnmodified = VaultJson.Unsigned(ref reader) }; break;
                case "dirs_new": summary = summary with { DirectoriesNew = VaultJson.Unsigned(ref reader) }; break;
                case "dirs_changed": summary = summary with { DirectoriesChanged = VaultJson.Unsigned(ref reader) }; break;
                case "dirs_unmodified": summary = summary with { DirectoriesUnmodified = VaultJson.Unsigned(ref reader) }; break;
                case "data_blobs": summary = summary with { DataBlobs = VaultJson.Unsigned(ref reader) }; break;
                case "tree_blobs": summary = summary with { TreeBlobs = VaultJson.Unsigned(ref reader) }; break;
                case "data_added": summary = summary with { DataAdded = VaultJson.Unsigned(ref reader) }; break;
                case "data_added_packed": summary = summary with { DataAddedPacked = VaultJson.Unsigned(ref reader) }; break;
                case "total_files_processed": summary = summary with { TotalFilesProcessed = VaultJson.Unsigned(ref reader) }; break;
                case "total_bytes_processed": summary = summary with { TotalBytesProcessed = VaultJson.Unsigned(ref reader) }; break;
                default: unknown.Add(VaultJson.RawMember(ref reader, start, json)); break;
            }
        }

        return summary with { UnknownMembers = unknown };
    }

    private static void WriteTime(GoJsonWriter writer, ReadOnlySpan<byte> name, VaultTime? time)
    {
        if (time is { } value)
        {
            writer.Member(name);
            writer.Time(value);
        }
    }

    private static void WriteNumber(GoJsonWriter writer, ReadOnlySpan<byte> name, ulong value)
    {
        writer.Member(name);
        writer.Number(value);
    }
}
