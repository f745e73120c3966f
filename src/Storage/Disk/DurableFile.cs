using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// A new file on its way to its final name: the one way in which this system writes. It is filled in a staging directory of the same
/// volume, where no reader looks, and published whole. Every step is tried by <c>CrashTests</c>, which let each call fail in turn.
/// </summary>
/// <remarks>
/// What a crash can leave: before <see cref="Publish"/>, a file in the staging directory, which <see cref="StagingDirectory"/> sweeps;
/// within it, the same, or the whole file under its final name; after it, the whole file.
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

    /// <summary>True once it has its final name, also when that name could not be made durable.</summary>
    public bool IsPublished { get; private set; }

    /// <summary>
    /// Begins a file in a staging directory, which must exist: a volume that is not mounted has none, so nothing is written there.
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

    /// <summary>Reads back what was written.</summary>
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
    /// Makes the content of several files of one volume durable with one flush where the platform can, which is a small part of the time.
    /// Kernels before 5.8 do not tell whether it failed: what depends on it reads the files back.
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

    /// <summary>The next <see cref="Read"/> asks the device where the platform allows it, rather than memory.</summary>
    public void ForgetCached() => _disk.ForgetCached(OpenFile);

    /// <summary>A hint: the disk may read all of it, or its beginning when it is large, before it is asked for.</summary>
    public void Prefetch() => _disk.Prefetch(OpenFile, Length);

    /// <summary>Begins to write what was added last to the device; <see cref="Flush"/> is still what makes it durable.</summary>
    /// <param name="length">How many bytes from the end.</param>
    /// <param name="wait">Also waits until they are there.</param>
    public void StartWriting(int length, bool wait)
    {
        if (_flush == FlushPolicy.Full)
        {
            _disk.StartWriting(OpenFile, Length - length, length, wait);
        }
    }

    /// <summary>
    /// Makes the content durable, gives it its final name without replacing anything, and makes the name durable. False when the name is
    /// taken; the file then still waits in the staging directory and can be published again or disposed of, as it does when this throws
    /// before the file has its name.
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

    /// <summary>As <see cref="Publish"/>, except that the name is not durable before somebody flushes its folder.</summary>
    public bool TryName(string path)
    {
        Flush();
        _disk.LetReadersIn(OpenFile); // a reader may come between the next call and the closing of the file
        if (!_disk.MoveNew(_path, path))
        {
            return false;
        }

        // From here on the file has its final name. When the flush of the directory fails, the caller hears of it and nothing is
        // acknowledged, but the file stays: a retry of the same upload may already count on it.
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
            // The upload has failed already and says why; the sweep of the staging directory removes what could not be removed here.
        }
    }

    private SafeFileHandle OpenFile => _file ?? throw new ObjectDisposedException(nameof(DurableFile));
}
