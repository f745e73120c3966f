namespace Halley.Client.Repository;

/// <summary>The content of a blob. A data blob and a tree blob with the same bytes are two blobs.</summary>
public enum BlobKind
{
    /// <summary>A chunk of a file.</summary>
    Data,

    /// <summary>The entries of one directory as JSON.</summary>
    Tree,
}
