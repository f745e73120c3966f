using System.Text.Json;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.Snapshots;

/// <summary>The text of a snapshot, in restic's order of members.</summary>
internal static class SnapshotJson
{
    /// <exception cref="VaultException">It is no snapshot.</exception>
    public static Snapshot Parse(BlobName file, ReadOnlySpan<byte> json) => VaultJson.Parse(file, json, Read);

    public static ReadOnlyMemory<byte> Write(Snapshot snapshot)
    {
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Member("time"u8);
        writer.Time(snapshot.Time);
        WriteId(writer, "parent"u8, snapshot.Parent);
        WriteId(writer, "tree"u8, snapshot.Tree);
        writer.Member("paths"u8);
        WriteStrings(writer, snapshot.Paths);
        WriteText(writer, "hostname"u8, snapshot.HostName);
        WriteText(writer, "username"u8, snapshot.UserName);
        WriteNumber(writer, "uid"u8, snapshot.UserId);
        WriteNumber(writer, "gid"u8, snapshot.GroupId);
        WriteList(writer, "excludes"u8, snapshot.Excludes);
        WriteList(writer, "tags"u8, snapshot.Tags);
        WriteId(writer, "original"u8, snapshot.Original);
        WriteText(writer, "program_version"u8, snapshot.ProgramVersion);
        if (snapshot.Summary is { } summary)
        {
            writer.Member("summary"u8);
            SummaryJson.Write(writer, summary);
        }

        foreach (var member in snapshot.UnknownMembers)
        {
            writer.Value(member.Span);
        }

        writer.EndObject();
        return writer.Written;
    }

    private static Snapshot Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        VaultTime? time = null;
        BlobId? tree = null;
        var unknown = new List<ReadOnlyMemory<byte>>();
        var snapshot = new Snapshot { Time = default, Tree = default };
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
                case "time": time = VaultJson.Time(ref reader); break;
                case "tree": tree = VaultJson.Id(ref reader); break;
                case "parent": snapshot = snapshot with { Parent = VaultJson.Id(ref reader) }; break;
                case "paths": snapshot = snapshot with { Paths = VaultJson.List<string>(ref reader, VaultJson.String) }; break;
                case "hostname": snapshot = snapshot with { HostName = VaultJson.String(ref reader) }; break;
                case "username": snapshot = snapshot with { UserName = VaultJson.String(ref reader) }; break;
                case "uid": snapshot = snapshot with { UserId = VaultJson.Unsigned32(ref reader) }; break;
                case "gid": snapshot = snapshot with { GroupId = VaultJson.Unsigned32(ref reader) }; break;
                case "excludes": snapshot = snapshot with { Excludes = VaultJson.List<string>(ref reader, VaultJson.String) }; break;
                case "tags": snapshot = snapshot with { Tags = VaultJson.List<string>(ref reader, VaultJson.String) }; break;
                case "original": snapshot = snapshot with { Original = VaultJson.Id(ref reader) }; break;
                case "program_version": snapshot = snapshot with { ProgramVersion = VaultJson.String(ref reader) }; break;
                case "summary": snapshot = snapshot with { Summary = SummaryJson.Read(ref reader, json) }; break;
                default: unknown.Add(VaultJson.RawMember(ref reader, start, json)); break;
            }
        }

        return snapshot with
        {
            Time = time ?? throw new JsonException("It has no time."),
            Tree = tree ?? throw new JsonException("It has no tree."),
            UnknownMembers = unknown,
        };
    }

    private static void WriteId(GoJsonWriter writer, ReadOnlySpan<byte> name, BlobId? id)
    {
        if (id is { } value)
        {
            writer.Member(name);
            writer.Id(value);
        }
    }

    private static void WriteText(GoJsonWriter writer, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            writer.Member(name);
            writer.String(value);
        }
    }

    private static void WriteNumber(GoJsonWriter writer, ReadOnlySpan<byte> name, uint value)
    {
        if (value != 0)
        {
            writer.Member(name);
            writer.Number((ulong)value);
        }
    }

    private static void WriteList(GoJsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            writer.Member(name);
            WriteStrings(writer, values);
        }
    }

    private static void WriteStrings(GoJsonWriter writer, IReadOnlyList<string> values)
    {
        writer.BeginArray();
        foreach (var value in values)
        {
            writer.String(value);
        }

        writer.EndArray();
    }
}
