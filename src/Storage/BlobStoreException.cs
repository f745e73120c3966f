namespace Halley.Storage;

/// <summary>Why a store could not do its work.</summary>
public enum BlobStoreFault
{
    /// <summary>A volume or a server that may hold the file can't be reached, or is busy. The call works once it is back.</summary>
    Offline,

    /// <summary>The disk, or the server that holds the file, reported an error. Trying again may work.</summary>
    DiskError,

    /// <summary>The process may open no more files, which says nothing about the disk. The call works once others have ended.</summary>
    Exhausted,

    /// <summary>The server doesn't accept the credential. Trying again works only with another one.</summary>
    Unauthorized,

    /// <summary>The credential doesn't allow the operation. Trying again doesn't help.</summary>
    Forbidden,

    /// <summary>
    /// The store can't do this: it is no vault, or it doesn't take files of this type or size. Trying again doesn't help.
    /// </summary>
    Unsupported,
}

/// <summary>
/// An operation of a store failed, or its result is uncertain. The message names the volume or the server, never a path of the machine.
/// </summary>
public sealed class BlobStoreException : IOException
{
    /// <summary>Makes it with the cause.</summary>
    public BlobStoreException(BlobStoreFault fault, string message, Exception? cause = null)
        : base(message, cause)
    {
        Fault = fault;
    }

    /// <summary>Why.</summary>
    public BlobStoreFault Fault { get; }

    /// <summary>The new address of a vault that has moved to another server; null for all other failures.</summary>
    public Uri? MovedTo { get; init; }

    /// <summary>
    /// True when the same call may succeed later without any intervention. False when the operating system denied access, because that does
    /// not change by itself.
    /// </summary>
    public bool IsTransient =>
        Fault is BlobStoreFault.Offline or BlobStoreFault.Exhausted
        || (Fault == BlobStoreFault.DiskError && InnerException is not UnauthorizedAccessException);

    /// <summary>The same failure of reading with a message that names what could not be read.</summary>
    internal BlobStoreException Naming(string what) => new(Fault, $"{what} cannot be read.", InnerException ?? this);
}
