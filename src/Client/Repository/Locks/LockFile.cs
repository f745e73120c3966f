using System.Text.Json;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.Locks;

/// <summary>The holder of a lock on a vault: the text of a file in <c>locks/</c>.</summary>
/// <param name="Time">When it was written or last refreshed.</param>
/// <param name="IsExclusive">True when no other process may work on the vault.</param>
/// <param name="HostName">The machine.</param>
/// <param name="UserName">The user.</param>
/// <param name="ProcessId">The process; 0 when it is unknown.</param>
public sealed record LockFile(VaultTime Time, bool IsExclusive, string HostName, string UserName, int ProcessId)
{
    /// <summary>The holder, in words for people.</summary>
    public string Owner => $"{UserName} on {HostName}, process {ProcessId}, since {Time}";

    internal ReadOnlyMemory<byte> ToJson()
    {
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Member("time"u8);
        writer.Time(Time);
        writer.Member("exclusive"u8);
        writer.Boolean(IsExclusive);
        writer.Member("hostname"u8);
        writer.String(HostName);
        writer.Member("username"u8);
        writer.String(UserName);
        writer.Member("pid"u8);
        writer.Number((long)ProcessId);
        writer.EndObject();
        return writer.Written;
    }

    /// <exception cref="VaultException">It is no lock.</exception>
    internal static LockFile Parse(BlobName file, ReadOnlySpan<byte> json) => VaultJson.Parse(file, json, Read);

    private static LockFile Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        VaultTime? time = null;
        var (isExclusive, hostName, userName, processId) = (false, "", "", 0);
        Span<char> characters = stackalloc char[VaultJson.LongestName];
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            switch (VaultJson.Characters(name, characters))
            {
                case "time": time = VaultJson.Time(ref reader); break;
                case "exclusive": isExclusive = reader.GetBoolean(); break;
                case "hostname": hostName = VaultJson.String(ref reader); break;
                case "username": userName = VaultJson.String(ref reader); break;
                case "pid": processId = VaultJson.Int32(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new LockFile(time ?? throw new JsonException("It has no time."), isExclusive, hostName, userName, processId);
    }
}
