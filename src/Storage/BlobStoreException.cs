namespace Halley.Storage;

/// <summary>Why a store could not do its work.</summary>
public enum BlobStoreFault
{
    /// <summary>A volume that may hold the file is not there. It will work when the volume is back.</summary>
    Offline,

    /// <summary>The disk reported an error. Trying again may work.</summary>
    DiskError,
}

/// <summary>A store could not do or could not know what it was asked. The message names the volume, never a path.</summary>
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
}
