using Halley.Storage;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>Names of files as people and programs write them: <c>config</c> or <c>type/id</c>.</summary>
internal static class FileName
{
    public static bool TryParse(string? text, out BlobName name)
    {
        name = BlobName.Config;
        if (text is null or "config")
        {
            return text is not null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !BlobName.TryParseCollection(text.AsSpan(0, slash), out var type) || !BlobName.IsId(text.AsSpan(slash + 1)))
        {
            return false;
        }

        name = BlobName.Of(type.Value, text[(slash + 1)..]);
        return true;
    }
}
