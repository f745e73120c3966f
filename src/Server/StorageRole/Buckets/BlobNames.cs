using Halley.Storage;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Names of files in requests and tasks: <c>config</c>, or a type, a slash and an id.</summary>
internal static class BlobNames
{
    /// <summary>The name; null for text that is not one.</summary>
    public static BlobName? Parse(string? text) => text?.Split('/') switch
    {
        ["config"] => BlobName.Config,
        [var folder, var id] when BlobName.IsId(id) && BlobName.TryParseCollection(folder, out var type) => BlobName.Of(type.Value, id),
        _ => null,
    };
}
