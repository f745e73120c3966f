using System.Runtime.CompilerServices;
using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>
/// Lets files of a move in: many small ones at the same time, because most of their time they wait for flushes, which the file system does
/// together, and a few large ones.
/// </summary>
internal sealed class MoveWindow(Pace pace) : IDisposable
{
    /// <summary>Most files at the same time.</summary>
    public const int MostFiles = 32;

    private const long MostBytes = 64 << 20;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _left = new(0);
    private int _files;
    private long _bytes;

    /// <summary>The files, each as soon as there is room for it. Whoever is done with one calls <see cref="Leave"/>.</summary>
    public async IAsyncEnumerable<VolumeFile> LetInAsync(IEnumerable<VolumeFile> files, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var file in files)
        {
            while (!TryEnter(file.Length))
            {
                await _left.WaitAsync(cancellation);
            }

            yield return file;
        }
    }

    public void Leave(VolumeFile file)
    {
        Change(-1, -file.Length);
        _left.Release();
    }

    public void Dispose() => _left.Dispose();

    // One that is larger than all that may be on its way goes alone.
    private bool TryEnter(long length)
    {
        lock (_lock)
        {
            if (_files > 0 && (_files == MostFiles || _bytes + length > MostBytes))
            {
                return false;
            }

            Change(1, length);
            return true;
        }
    }

    private void Change(int files, long bytes)
    {
        lock (_lock)
        {
            (_files, _bytes) = (_files + files, _bytes + bytes);
            pace.Workers = Math.Max(1, _files);
        }
    }
}
