using System.Runtime.InteropServices;

namespace Halley.Client.Restore.Linux;

/// <summary>A call of the system has failed.</summary>
internal sealed class LinuxException(string action, int code)
    : IOException($"cannot {action} it: {Marshal.GetPInvokeErrorMessage(code)}", code)
{
    /// <summary>The number of the error.</summary>
    public int Code { get; } = code;

    /// <summary>True when nothing else can be written either. The base library keeps the number of the error in the same place.</summary>
    public static bool IsFinal(IOException error) =>
        error.HResult is LinuxCalls.NoSpace or LinuxCalls.QuotaExceeded or LinuxCalls.ReadOnlyFileSystem;

    public static LinuxException Last(string action) => new(action, Marshal.GetLastPInvokeError());

    /// <summary>The result of a call, unless that is an error.</summary>
    public static int Check(int result, string action) => result >= 0 ? result : throw Last(action);
}
