using System.Text.Json;
using Halley.Client.Repository.Json;

namespace Halley.Client.Repository.Trees;

/// <summary>
/// Reads a node of a tree. It is lenient, because a vault can have trees from ten years of restic and from other programs.
/// </summary>
internal static class NodeJson
{
    /// <exception cref="JsonException">It is no node.</exception>
    public static Node Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var draft = new Draft();
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (true)
        {
            var member = (int)reader.BytesConsumed;
            if (!VaultJson.NextMember(ref reader, out var name))
            {
                return draft.ToNode();
            }

            if (reader.TokenType == JsonTokenType.Null || Read(ref reader, name, draft, json))
            {
                continue;
            }

            draft.Unknown.Add(VaultJson.RawMember(ref reader, member, json));
        }
    }

    private static bool Read(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name, Draft draft, ReadOnlySpan<byte> json)
    {
        Span<char> characters = stackalloc char[VaultJson.LongestName];
        switch (VaultJson.Characters(name, characters))
        {
            case "name": draft.Name = VaultJson.Utf8(ref reader); break;
            case "type": draft.Type = NodeTypeText.Parse(VaultJson.String(ref reader)); break;
            case "mode": draft.Mode = VaultJson.Unsigned32(ref reader); break;
            case "mtime": draft.ModifyTime = VaultJson.Time(ref reader); break;
            case "atime": draft.AccessTime = VaultJson.Time(ref reader); break;
            case "ctime": draft.ChangeTime = VaultJson.Time(ref reader); break;
            case "uid": draft.UserId = VaultJson.Unsigned32(ref reader); break;
            case "gid": draft.GroupId = VaultJson.Unsigned32(ref reader); break;
            case "user": draft.User = VaultJson.String(ref reader); break;
            case "group": draft.Group = VaultJson.String(ref reader); break;
            case "inode": draft.Inode = VaultJson.Unsigned(ref reader); break;
            case "device_id": draft.DeviceId = VaultJson.Unsigned(ref reader); break;
            case "size": draft.Size = VaultJson.Unsigned(ref reader); break;
            case "links": draft.Links = VaultJson.Unsigned(ref reader); break;
            case "linktarget": draft.LinkTarget ??= VaultJson.Utf8(ref reader); break;
            case "linktarget_raw": draft.LinkTarget = VaultJson.Base64(ref reader); break;
            case "extended_attributes": draft.Attributes = VaultJson.List<NodeXattr>(ref reader, ReadAttribute); break;
            case "generic_attributes": draft.Generic = VaultJson.Raw(ref reader, json); break;
            case "device": draft.Device = VaultJson.Unsigned(ref reader); break;
            case "content": draft.Content = ReadContent(ref reader); break;
            case "subtree": draft.Subtree = VaultJson.Id(ref reader); break;
            case "error": draft.Error = VaultJson.String(ref reader); break;
            default: return false;
        }

        return true;
    }

    private static BlobId[] ReadContent(ref Utf8JsonReader reader)
    {
        List<BlobId> ids = VaultJson.List<BlobId>(ref reader, VaultJson.Id);
        return [.. ids];
    }

    private static NodeXattr ReadAttribute(ref Utf8JsonReader reader)
    {
        var (attribute, value) = ("", Array.Empty<byte>());
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            if (name.SequenceEqual("name"u8))
            {
                attribute = VaultJson.String(ref reader);
            }
            else if (name.SequenceEqual("value"u8))
            {
                value = VaultJson.Base64(ref reader); // restic writes "" for an empty one, others null
            }
            else
            {
                reader.Skip();
            }
        }

        return new(attribute, value);
    }

    private sealed class Draft
    {
        public byte[]? Name;
        public NodeType? Type;
        public uint Mode;
        public VaultTime ModifyTime;
        public VaultTime AccessTime;
        public VaultTime ChangeTime;
        public uint UserId;
        public uint GroupId;
        public string User = "";
        public string Group = "";
        public ulong Inode;
        public ulong DeviceId;
        public ulong Size;
        public ulong Links;
        public byte[]? LinkTarget;
        public List<NodeXattr>? Attributes;
        public byte[]? Generic;
        public ulong Device;
        public BlobId[]? Content;
        public BlobId? Subtree;
        public string Error = "";
        public List<ReadOnlyMemory<byte>> Unknown = [];

        public Node ToNode() => new()
        {
            Name = Name is not null && NodeName.TryUnquote(Name, out var name) && name.Length > 0
                ? name
                : throw new JsonException("A node has no name, or one with an unknown escape."),
            Type = Type ?? throw new JsonException("A node has no type."),
            Mode = Mode,
            ModifyTime = ModifyTime,
            AccessTime = AccessTime,
            ChangeTime = ChangeTime,
            UserId = UserId,
            GroupId = GroupId,
            User = User,
            Group = Group,
            Inode = Inode,
            DeviceId = DeviceId,
            Size = Size,
            Links = Links,
            LinkTarget = LinkTarget ?? [],
            ExtendedAttributes = Attributes ?? (IReadOnlyList<NodeXattr>)[],
            GenericAttributes = Generic,
            Device = Device,
            Content = Content,
            Subtree = Subtree,
            Error = Error,
            UnknownMembers = Unknown.Count == 0 ? [] : Unknown,
        };
    }
}
