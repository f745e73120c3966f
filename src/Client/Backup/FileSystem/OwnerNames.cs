using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Halley.Client.Backup.FileSystem;

/// <summary>Names of users and groups, each asked for once.</summary>
internal sealed unsafe class OwnerNames
{
    private const int RecordSize = 16; // pointers; struct passwd and struct group have fewer
    private const int TextSize = 1 << 16; // a group's record names all its members

    private readonly ConcurrentDictionary<uint, string> _users = new();
    private readonly ConcurrentDictionary<uint, string> _groups = new();

    private delegate int Find(uint id, nint* record, byte* buffer, nint size, out nint found);

    /// <summary>The name of a user; empty when nobody knows it.</summary>
    public string OfUser(uint id) => _users.GetOrAdd(id, static id => NameOf(id, LinuxCalls.FindUser));

    /// <summary>The name of a group; empty when nobody knows it.</summary>
    public string OfGroup(uint id) => _groups.GetOrAdd(id, static id => NameOf(id, LinuxCalls.FindGroup));

    private static string NameOf(uint id, Find find)
    {
        var record = stackalloc nint[RecordSize];
        var buffer = new byte[TextSize];
        fixed (byte* text = buffer)
        {
            // The name is the first member of both records.
            return find(id, record, text, buffer.Length, out var found) == 0 && found != 0
                ? Marshal.PtrToStringUTF8(record[0]) ?? ""
                : "";
        }
    }
}
