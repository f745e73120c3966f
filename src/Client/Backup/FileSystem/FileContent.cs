using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Backup.FileSystem;

/// <summary>A file on disk. Holes of sparse files are not read.</summary>
internal sealed unsafe class FileContent(SafeFileHandle file, bool isSparse) : IContent
{
    private long _position;

    // The extents around the position, as far as they are known: a hole up to _data, data up to _hole.
    private long _data = isSparse ? -1 : 0;
    private long _hole = isSparse ? -1 : long.MaxValue;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        FindExtent();
        if (_position < _data)
        {
            var zeros = (int)Math.Min(buffer.Length, _data - _position);
            buffer.Span[..zeros].Clear();
            _position += zeros;
            return ValueTask.FromResult(zeros);
        }

        var count = Read(buffer.Span[..(int)Math.Min(buffer.Length, _hole - _position)]);
        _position += count;
        return ValueTask.FromResult(count);
    }

    public bool TrySkipHole(int length)
    {
        FindExtent();
        if (_data - _position < length)
        {
            return false;
        }

        _position += length;
        return true;
    }

    private void FindExtent()
    {
        if (!isSparse || _position < Math.Max(_data, _hole))
        {
            return;
        }

        _data = LinuxCalls.Seek(file, _position, LinuxCalls.SeekData);
        if (_data < 0)
        {
            // No data up to the end, which may have moved; or a file system that does not know, where all is data.
            var isHole = Marshal.GetLastPInvokeError() == LinuxCalls.NoSuchAddress;
            _data = isHole ? (long)LinuxFiles.Status(file).Size : _position;
            _hole = isHole ? long.MaxValue : _position;
        }
        else
        {
            _hole = LinuxCalls.Seek(file, _data, LinuxCalls.SeekHole);
        }

        _hole = _hole <= _position ? long.MaxValue : _hole;
    }

    private int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = LinuxCalls.Read(file, start, buffer.Length, _position);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != LinuxCalls.Interrupted)
                {
                    throw SourceException.OfLastCall("cannot be read");
                }
            }
        }
    }
}
