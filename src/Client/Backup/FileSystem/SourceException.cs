using System.Runtime.InteropServices;

namespace Halley.Client.Backup.FileSystem;

/// <summary>A file or directory cannot be read. The backup goes on without it.</summary>
internal sealed class SourceException : Exception
{
    public SourceException(string message)
        : base(message)
    {
    }

    private SourceException(string message, int error)
        : base(message) => Error = error;

    /// <summary>The error number of the operating system; 0 when there is none.</summary>
    public int Error { get; }

    /// <summary>The error of the last call into the C library.</summary>
    public static SourceException OfLastCall(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
