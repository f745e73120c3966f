using System.Text.Json;
using Halley.Client.Repository.Json;

namespace Halley.Client.Repository.Trees;

/// <summary>
/// A directory as the text of its tree blob. Nodes are read one by one, since a directory may have millions; the text itself is kept, so
/// that a tree is copied without being encoded again, which could change its id.
/// </summary>
public sealed class Tree
{
    private static readonly byte[] EmptyText = "{\"nodes\":[]}\n"u8.ToArray();

    /// <summary>Takes the text of a tree blob.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="text">Its plain text, which was verified against the id.</param>
    public Tree(BlobId id, ReadOnlyMemory<byte> text) => (Id, Text) = (id, text);

    /// <summary>The directory without entries, which has the same id in every vault.</summary>
    public static Tree Empty { get; } = new(BlobId.Of(EmptyText), EmptyText);

    /// <summary>The id.</summary>
    public BlobId Id { get; }

    /// <summary>The plain text of the blob.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>
    /// The nodes in their order. Each has been checked: its name is not empty, and no name occurs twice. A reader must check whether a name
    /// is safe to create, because trees come from an untrusted store and from other programs.
    /// </summary>
    /// <exception cref="VaultException">While it is enumerated: the text is not that of a tree.</exception>
    public IEnumerable<Node> Nodes => Entries.Select(entry => entry.Node);

    /// <summary>The nodes in their order, each with its text.</summary>
    /// <exception cref="VaultException">While it is enumerated: the text is not that of a tree.</exception>
    public IEnumerable<(Node Node, ReadOnlyMemory<byte> Json)> Entries
    {
        get
        {
            var cursor = new Cursor(this);
            while (cursor.MoveNext())
            {
                yield return (cursor.Node, cursor.Json);
            }
        }
    }

    private VaultException Damaged(string what, Exception? cause = null) => new(
        VaultFault.Damaged,
        $"The tree {Id} is not what a tree must be: {what}. The program that wrote it has a fault; "
        + "`halley repair` drops what cannot be read.",
        cause)
    {
        Blob = Id,
    };

    /// <summary>Where an enumeration is in the text. A reader of JSON cannot be kept between two nodes, its state can.</summary>
    private sealed class Cursor(Tree tree)
    {
        private JsonReaderState _state;
        private int _position;
        private bool _hasBegun;
        private bool _hasEnded;

        public Node Node { get; private set; } = null!;

        public ReadOnlyMemory<byte> Json { get; private set; }

        public bool MoveNext()
        {
            try
            {
                return !_hasEnded && TryRead();
            }
            catch (Exception error) when (VaultJson.IsDamage(error))
            {
                throw tree.Damaged(error.Message, error);
            }
        }

        private bool TryRead()
        {
            var text = tree.Text[_position..];
            var reader = new Utf8JsonReader(text.Span, isFinalBlock: true, _state);
            if (!_hasBegun)
            {
                FindNodes(ref reader);
                _hasBegun = true;
            }

            if (_hasEnded || !VaultJson.NextElement(ref reader))
            {
                ReadRest(ref reader);
                return false;
            }

            var start = (int)reader.TokenStartIndex;
            var previous = Node;
            Node = NodeJson.Read(ref reader, text.Span);
            if (previous is not null && previous.Name.Span.SequenceEqual(Node.Name.Span))
            {
                throw new JsonException("A name stands twice.");
            }

            var end = (int)reader.BytesConsumed;
            Json = text[start..end];
            _position += end;
            _state = reader.CurrentState;
            return true;
        }

        private void FindNodes(ref Utf8JsonReader reader)
        {
            VaultJson.Read(ref reader);
            VaultJson.Expect(ref reader, JsonTokenType.StartObject);
            while (VaultJson.NextMember(ref reader, out var name))
            {
                if (name.SequenceEqual("nodes"u8) && !VaultJson.IsNull(ref reader))
                {
                    VaultJson.Expect(ref reader, JsonTokenType.StartArray);
                    return;
                }

                reader.Skip();
            }

            _hasEnded = true;
        }

        private void ReadRest(ref Utf8JsonReader reader)
        {
            _hasEnded = true;
            while (reader.Read())
            {
                // The reader makes sure that the rest is JSON.
            }
        }
    }
}
