namespace Halley.Storage.Disk;

/// <summary>
/// The error numbers of Linux that decide what happens next; the base library passes them on as <see cref="Exception.HResult"/>.
/// </summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int IOError = 5;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int Invalid = 22;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NotImplemented = 38;
    public const int BadMessage = 74;
    public const int NotSupported = 95;
    public const int NeedsCleaning = 117;
    public const int QuotaExceeded = 122;

    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>True when the disk, or the account's share of it, is full.</summary>
    public static bool IsNoSpace(Exception error) => error.HResult is NoSpace or QuotaExceeded or WindowsDiskFull;

    /// <summary>True when there was no file descriptor left for the call, which says nothing about the disk.</summary>
    public static bool IsOutOfDescriptors(Exception error) => error.HResult is TooManyFiles or TooManyFilesInSystem;

    /// <summary>
    /// True when the medium under this one file is bad, rather than the whole disk gone: EIO, or the codes of file systems with checksums.
    /// </summary>
    public static bool IsUnreadable(Exception error) => error.HResult is IOError or BadMessage or NeedsCleaning;

    /// <summary>True when the disk failed, rather than the program; false when that was understood and named already.</summary>
    public static bool IsDiskError(Exception error) => error is (IOException or UnauthorizedAccessException) and not BlobStoreException;
}
