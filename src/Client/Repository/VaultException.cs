using Halley.Storage;

namespace Halley.Client.Repository;

/// <summary>Why a vault cannot do its work.</summary>
public enum VaultFault
{
    /// <summary>The store holds no vault: it has no config file.</summary>
    NoVault,

    /// <summary>The store already holds a vault, so none was created.</summary>
    VaultExists,

    /// <summary>No key file opens with this password.</summary>
    WrongPassword,

    /// <summary>The vault needs a newer program, or an ability that this one lacks.</summary>
    Unsupported,

    /// <summary>A file's content has changed since it was written.</summary>
    Damaged,

    /// <summary>A file or blob that others refer to does not exist.</summary>
    Missing,

    /// <summary>A lock of this process was lost, so it may no longer write.</summary>
    LockLost,

    /// <summary>The store is full.</summary>
    NoSpace,

    /// <summary>The store received other bytes than were sent, or is for another reason unable to keep a file.</summary>
    NotStored,

    /// <summary>
    /// A blob, decoded before its upload, did not match its source: memory, processor or compressor are faulty. Nothing was stored.
    /// </summary>
    SelfCheckFailed,

    /// <summary>The work would have destroyed something that is probably still wanted, so it was not begun.</summary>
    Refused,
}

/// <summary>
/// An operation of a vault failed. The message describes the problem and the remedy in words for the owner; <see cref="Fault"/> is for
/// programs. Errors of the store itself are <see cref="BlobStoreException"/> and pass through unchanged.
/// </summary>
public sealed class VaultException : Exception
{
    /// <summary>Makes it.</summary>
    public VaultException(VaultFault fault, string message, Exception? cause = null)
        : base(message, cause)
    {
        Fault = fault;
    }

    /// <summary>Makes it for a file.</summary>
    public VaultException(VaultFault fault, BlobName file, string message, Exception? cause = null)
        : base(message, cause)
    {
        Fault = fault;
        File = file;
    }

    /// <summary>The kind of problem.</summary>
    public VaultFault Fault { get; }

    /// <summary>The file that is damaged or missing; null when the problem is none of one file.</summary>
    public BlobName? File { get; }

    /// <summary>The blob that is damaged or missing; null when it is the whole file.</summary>
    public BlobId? Blob { get; init; }

    /// <summary>A damaged file.</summary>
    internal static VaultException Damaged(BlobName file, string what, Exception? cause = null) =>
        new(VaultFault.Damaged, file, $"{file} is damaged: {what}. {AdviceFor(file.Type)}", cause);

    /// <summary>A file that does not exist.</summary>
    internal static VaultException Missing(BlobName file) =>
        new(VaultFault.Missing, file, $"{file} is missing. {AdviceFor(file.Type)}");

    /// <summary>A damaged blob of a pack.</summary>
    internal static VaultException Damaged(BlobName pack, BlobId blob, string what) =>
        new(VaultFault.Damaged, pack, $"Blob {blob} in {pack} is damaged: {what}. {AdviceFor(BlobType.Data)}") { Blob = blob };

    /// <summary>A blob that no index names.</summary>
    internal static VaultException Missing(BlobKind kind, BlobId blob) =>
        new(
            VaultFault.Missing,
            $"The {(kind == BlobKind.Tree ? "tree" : "data")} blob {blob} is in no index. Run `halley reindex`, then `halley repair`.")
        {
            Blob = blob,
        };

    private static string AdviceFor(BlobType type) => type switch
    {
        BlobType.Config => "Put config back from a copy of the vault: without it nothing can be read.",
        BlobType.Keys => "Use another password of this vault, or put the key file back from a copy.",
        BlobType.Index => "Run `halley reindex`: index files are made anew from the packs.",
        BlobType.Data => "Run `halley repair`: it sets damaged packs aside and says which snapshots they belong to.",
        BlobType.Snapshots => "That backup cannot be restored; `halley repair` sets the file aside.",
        BlobType.Locks => "Make sure that no other program works on the vault, then run `halley unlock`.",
        _ => "The next `halley prune` makes it anew.",
    };
}
