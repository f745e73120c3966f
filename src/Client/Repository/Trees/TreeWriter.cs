using System.Text;
using System.Text.Unicode;
using Halley.Client.Repository.Json;

namespace Halley.Client.Repository.Trees;

/// <summary>
/// Writes the text of a tree, byte for byte like restic, so that both compute the same id for an unchanged directory. It writes one tree
/// after another and reuses its buffer. For one thread at a time.
/// </summary>
public sealed class TreeWriter
{
    private readonly GoJsonWriter _writer = new();
    private byte[] _lastName = [];
    private int _lastLength = -1;

    /// <summary>Begins a tree.</summary>
    public TreeWriter() => Clear();

    /// <summary>Removes all added nodes.</summary>
    public void Clear()
    {
        _lastLength = -1;
        _writer.Clear();
        _writer.BeginObject();
        _writer.Member("nodes"u8);
        _writer.BeginArray();
    }

    /// <summary>Adds a node.</summary>
    /// <exception cref="ArgumentException">Its name is empty, or not greater than the one before in the order of bytes.</exception>
    public void Add(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Advance(node.Name.Span);
        Write(node);
    }

    /// <summary>Adds a node as it stands in another tree, without its encoding being touched.</summary>
    /// <param name="name">Its name, in bytes.</param>
    /// <param name="json">The text of the node.</param>
    /// <exception cref="ArgumentException">The name is empty, or not greater than the one before in the order of bytes.</exception>
    public void AddRaw(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        Advance(name);
        _writer.Value(json);
    }

    /// <summary>Ends the tree and returns its text, which is valid until the next <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        _writer.EndArray();
        _writer.EndObject();
        _writer.AppendRange("\n"u8);
        return _writer.Written;
    }

    private void Advance(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || (_lastLength >= 0 && name.SequenceCompareTo(_lastName.AsSpan(0, _lastLength)) <= 0))
        {
            throw new ArgumentException($"'{Encoding.UTF8.GetString(name)}' is empty, or stands in the wrong order.", nameof(name));
        }

        if (_lastName.Length < name.Length)
        {
            _lastName = new byte[name.Length * 2];
        }

        name.CopyTo(_lastName);
        _lastLength = name.Length;
    }

    private void Write(Node node)
    {
        _writer.BeginObject();
        _writer.Member("name"u8);
        _writer.String(NodeName.IsPlain(node.Name.Span) ? node.Name.Span : NodeName.Quote(node.Name.Span));
        _writer.Member("type"u8);
        _writer.String(NodeTypeText.Of(node.Type));
        WriteUnlessZero("mode"u8, node.Mode);
        WriteTimes(node);
        WriteOwner(node);
        WriteUnlessZero("inode"u8, node.Inode);
        WriteUnlessZero("device_id"u8, node.DeviceId);
        WriteUnlessZero("size"u8, node.Size);
        WriteUnlessZero("links"u8, node.Links);
        WriteLinkTarget(node.LinkTarget.Span);
        WriteAttributes(node);
        WriteUnlessZero("device"u8, node.Device);
        WriteContent(node);
        WriteUnlessEmpty("error"u8, node.Error);
        foreach (var member in node.UnknownMembers)
        {
            _writer.Value(member.Span);
        }

        _writer.EndObject();
    }

    private void WriteTimes(Node node)
    {
        _writer.Member("mtime"u8);
        _writer.Time(node.ModifyTime);
        _writer.Member("atime"u8);
        _writer.Time(node.AccessTime);
        _writer.Member("ctime"u8);
        _writer.Time(node.ChangeTime);
    }

    private void WriteOwner(Node node)
    {
        _writer.Member("uid"u8);
        _writer.Number((ulong)node.UserId);
        _writer.Member("gid"u8);
        _writer.Number((ulong)node.GroupId);
        WriteUnlessEmpty("user"u8, node.User);
        WriteUnlessEmpty("group"u8, node.Group);
    }

    private void WriteLinkTarget(ReadOnlySpan<byte> target)
    {
        if (target.IsEmpty)
        {
            return;
        }

        _writer.Member("linktarget"u8);
        _writer.String(target);
        if (!Utf8.IsValid(target))
        {
            _writer.Member("linktarget_raw"u8);
            _writer.Base64(target);
        }
    }

    private void WriteAttributes(Node node)
    {
        if (node.ExtendedAttributes.Count > 0)
        {
            _writer.Member("extended_attributes"u8);
            _writer.BeginArray();
            foreach (var attribute in node.ExtendedAttributes)
            {
                _writer.BeginObject();
                _writer.Member("name"u8);
                _writer.String(attribute.Name);
                _writer.Member("value"u8);
                _writer.Base64(attribute.Value.Span);
                _writer.EndObject();
            }

            _writer.EndArray();
        }

        if (!node.GenericAttributes.IsEmpty)
        {
            _writer.Member("generic_attributes"u8);
            _writer.Value(node.GenericAttributes.Span);
        }
    }

    private void WriteContent(Node node)
    {
        _writer.Member("content"u8);
        if (node.Content is not { } content)
        {
            _writer.Null();
        }
        else
        {
            _writer.BeginArray();
            foreach (var id in content)
            {
                _writer.Id(id);
            }

            _writer.EndArray();
        }

        if (node.Subtree is { } subtree)
        {
            _writer.Member("subtree"u8);
            _writer.Id(subtree);
        }
    }

    private void WriteUnlessZero(ReadOnlySpan<byte> name, ulong value)
    {
        if (value != 0)
        {
            _writer.Member(name);
            _writer.Number(value);
        }
    }

    private void WriteUnlessEmpty(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            _writer.Member(name);
            _writer.String(value);
        }
    }
}
