using System.Diagnostics.CodeAnalysis;
using Halley.Protocol;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>The target of a path below <c>/vault</c>. A path in any other form has no target.</summary>
internal readonly record struct VaultPath(VaultPathKind Kind, BlobType Type, BlobName Name)
{
    /// <summary>The bucket id in a path, unchecked; empty if the path has none.</summary>
    public static ReadOnlySpan<char> BucketIn(ReadOnlySpan<char> path)
    {
        var rest = path.Length > Routes.Vault.Length ? path[(Routes.Vault.Length + 1)..] : [];
        var end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Parses the part after the bucket id.</summary>
    public static bool TryParse(ReadOnlySpan<char> path, ReadOnlySpan<char> bucket, [NotNullWhen(true)] out VaultPath? result)
    {
        var rest = path[(Routes.Vault.Length + 1 + bucket.Length)..];
        result = Parse(rest);
        return result is not null;
    }

    private static VaultPath? Parse(ReadOnlySpan<char> rest)
    {
        if (rest is "/" or "")
        {
            return new VaultPath(VaultPathKind.Vault, default, default);
        }

        if (rest is "/config")
        {
            return new VaultPath(VaultPathKind.File, BlobType.Config, BlobName.Config);
        }

        var slash = rest[1..].IndexOf('/') + 1;
        if (slash < 2 || !BlobName.TryParseCollection(rest[1..slash], out var type))
        {
            return null;
        }

        var id = rest[(slash + 1)..];
        if (id.IsEmpty)
        {
            return new VaultPath(VaultPathKind.Collection, type.Value, default);
        }

        return BlobName.IsId(id) ? new VaultPath(VaultPathKind.File, type.Value, BlobName.Of(type.Value, id.ToString())) : null;
    }
}

/// <summary>The kinds of thing a path below <c>/vault</c> can point to.</summary>
internal enum VaultPathKind
{
    /// <summary>The whole vault: <c>/vault/{bucket}/</c>.</summary>
    Vault,

    /// <summary>All files of a type: <c>/vault/{bucket}/data/</c>.</summary>
    Collection,

    /// <summary>One file: <c>/vault/{bucket}/data/{id}</c> or <c>/vault/{bucket}/config</c>.</summary>
    File,
}
