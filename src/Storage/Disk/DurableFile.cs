using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// A new file on its way to its final name. This is the only way in which the engine writes. The file is filled in a staging directory of
/// the same volume, where no reader looks, and published whole. <c>CrashTests</c> make each call fail in turn.
/// </summary>
/// <remarks>
/// A crash before <see cref="Publish"/> leaves a file in the staging directory, which <see cref="StagingDirectory"/> sweeps. A crash
/// within it leaves the same, or the whole file under its final name. A crash after it leaves the whole file.
/// </remarks>
internal sealed class DurableFile : IDisposable
{
    private readonly DiskCalls _disk;
    private readonly FlushPolicy _flush;
    private readonly string _path;
    private SafeFileHandle? _file;
    private bool _flushed;

    private DurableFile(DiskCalls disk, FlushPolicy flush, string path)
    {
        _disk = disk;
        _flush = flush;
        _path = path;
        _file = disk.CreateNew(path);
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>True once it has its final name, even if that name could not be made durable.</summary>
    public bool IsPublished { get; private set; }

    /// <summary>
    /// Creates a file in a staging directory, which must exist: an unmounted volume has none, so nothing is written there.
    /// </summary>
    public static DurableFile Begin(DiskCalls disk, FlushPolicy flush, string stagingDirectory) =>
        new(disk, flush, Path.Combine(stagingDirectory, Guid.NewGuid().ToString("N")));

    /// <summary>Writes a small file whole, durably, to a name that must be free; false when it is taken.</summary>
    public static bool WriteNew(DiskCalls disk, FlushPolicy flush, string stagingDirectory, string path, ReadOnlySpan<byte> content)
    {
        using var file = Begin(disk, flush, stagingDirectory);
        file.Append(content);
        return file.Publish(path);
    }

    /// <summary>Adds to the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _disk.Write(OpenFile, bytes, Length);
        Length += bytes.Length;
    }

    /// <summary>Reads written bytes back.</summary>
    public int Read(Span<byte> bytes, long offset) => _disk.Read(OpenFile, bytes, offset);

    /// <summary>Makes the content durable, as <see cref="Publish"/> does first. Nothing may be added afterwards.</summary>
    public void Flush()
    {
        if (_flush == FlushPolicy.Full && !_flushed)
        {
            _disk.Flush(OpenFile);
            _flushed = true;
        }
    }

    /// <summary>
    /// Makes the content of several files of one volume durable with one flush where the platform supports it, in a fraction of the time.
    /// Kernels before 5.8 do not report a failure, so callers that depend on it read the files back.
    /// </summary>
    public static void FlushTogether(IReadOnlyList<DurableFile> files)
    {
        if (files is not [{ _flush: FlushPolicy.Full } first, _, ..] || !first._disk.FlushFileSystem(first.OpenFile))
        {
            return; // each when its turn comes
        }

        foreach (var file in files)
        {
            file._flushed = true;
        }
    }

    /// <summary>Makes the next <see cref="Read"/> go to the device instead of memory, where the platform allows it.</summary>
    public void ForgetCached() => _disk.ForgetCached(OpenFile);

    /// <summary>A hint to the disk to read the file ahead of its use; only its beginning if it is large.</summary>
    public void Prefetch() => _disk.Prefetch(OpenFile, Length);

    /// <summary>Starts to write the last bytes to the device. Only <see cref="Flush"/> makes them durable.</summary>
    /// <param name="length">Number of bytes, counted from the end.</param>
    /// <param name="wait">Whether to wait until they are written.</param>
    public void StartWriting(int length, bool wait)
    {
        if (_flush == FlushPolicy.Full)
        {
            _disk.StartWriting(OpenFile, Length - length, length, wait);
        }
    }

    /// <summary>
    /// Makes the content durable, renames the file to its final name without replacing anything, and makes the name durable. Returns false
    /// when the name is taken. The file then stays in the staging directory and can be published again or disposed of. The same holds when
    /// this throws before the file has its name.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public bool Publish(string path)
    {
        if (!TryName(path))
        {
            return false;
        }

        if (_flush == FlushPolicy.Full)
        {
            _disk.FlushDirectory(Path.GetDirectoryName(path)!);
        }

        return true;
    }

    /// <summary>Like <see cref="Publish"/>, but the name is durable only after the caller flushes its folder.</summary>
    public bool TryName(string path)
    {
        Flush();
        _disk.LetReadersIn(OpenFile); // a reader may come between the next call and the closing of the file
        if (!_disk.MoveNew(_path, path))
        {
            return false;
        }

        // The file has its final name now. If the flush of the directory fails, this throws and nothing is acknowledged, but the file
        // stays: a retry of the same upload may already rely on it.
        IsPublished = true;
        _file?.Dispose();
        _file = null;
        return true;
    }

    /// <summary>Deletes the file unless it was published.</summary>
    public void Dispose()
    {
        if (_file is not { } file)
        {
            return;
        }

        _file = null;
        file.Dispose();
        try
        {
            _disk.Delete(_path);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            // The upload has already failed with its own error. The sweep of the staging directory removes what remains here.
        }
    }

    private SafeFileHandle OpenFile => _file ?? throw new ObjectDisposedException(nameof(DurableFile));
}
