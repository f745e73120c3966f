using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Repository.Compression;

/// <summary>A context of the zstd library, freed with its owner at the latest.</summary>
internal sealed class ZstdContext : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly Action<nint> _free;

    public ZstdContext(nint context, Action<nint> free)
        : base(ownsHandle: true)
    {
        _free = free;
        SetHandle(context);
        if (IsInvalid)
        {
            throw new InsufficientMemoryException("The zstd library has no memory for a context.");
        }
    }

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }
}
