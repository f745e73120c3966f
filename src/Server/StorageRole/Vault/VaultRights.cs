using Halley.Protocol;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>The rights of each mode of a key. Every mode allows locks, because even a reader must be able to keep a prune away.</summary>
internal static class VaultRights
{
    public static bool MayWrite(BucketKeyMode mode, BlobType type) =>
        mode is BucketKeyMode.Full or BucketKeyMode.AppendOnly || type == BlobType.Locks;

    public static bool MayDelete(BucketKeyMode mode, BlobType type) => mode == BucketKeyMode.Full || type == BlobType.Locks;
}
