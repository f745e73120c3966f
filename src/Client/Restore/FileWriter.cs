using Halley.Client.Restore.Linux;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Restore;

/// <summary>
/// Writes pieces of files for one worker. The last file and its directory stay open, since the pieces of one pack are mostly of one file
/// or of one directory.
/// </summary>
internal sealed class FileWriter(RestoreOptions options, RestoreReport report) : IDisposable
{
    private RestoreDirectory? _directory;
    private LinuxDirectory? _openDirectory;
    private RestoreFile? _file;
    private SafeFileHandle? _openFile;

    /// <summary>Writes a piece; the last one completes the file.</summary>
    public void Write(RestoreFile file, ReadOnlySpan<byte> content, long offset, CancellationToken cancellationToken)
    {
        try
        {
            var open = Open(file);
            if (options.IsSparse && offset >= file.ZerosFrom)
            {
                FileContent.WriteSparse(open, content, offset);
            }
            else
            {
                RandomAccess.Write(open, content, offset);
            }

            report.Write(content.Length);
        }
        catch (IOException error) when (!LinuxException.IsFinal(error))
        {
            report.Warn(file.Path, error.Message);
            file.IsDamaged = true;
        }

        Finish(file, cancellationToken);
    }

    /// <summary>Leaves out a piece that cannot be had.</summary>
    public void Skip(RestoreFile file, CancellationToken cancellationToken)
    {
        file.IsDamaged = true;
        Finish(file, cancellationToken);
    }

    public void Dispose()
    {
        _openFile?.Dispose();
        _openDirectory?.Dispose();
    }

    // A damaged file does not get its times, so that no later run takes it for right.
    private void Finish(RestoreFile file, CancellationToken cancellationToken)
    {
        if (!file.FinishPiece() || file.IsDamaged)
        {
            return;
        }

        try
        {
            var open = Open(file);
            if (options.ReadsBack && FileContent.FindWrong(open, file.Pieces, cancellationToken) is [var wrong, ..])
            {
                report.Warn(file.Path, $"does not have what was written to byte {wrong.Offset}: look for a failing disk");
                return;
            }

            LinuxMetadata.Apply(open, file.Node, message => report.Warn(file.Path, message));
        }
        catch (IOException error) when (!LinuxException.IsFinal(error))
        {
            report.Warn(file.Path, error.Message);
        }
    }

    private SafeFileHandle Open(RestoreFile file)
    {
        if (_file == file)
        {
            return _openFile!;
        }

        _file = null;
        _openFile?.Dispose();
        _openFile = null;
        if (_directory != file.Directory)
        {
            _directory = null;
            _openDirectory?.Dispose();
            _openDirectory = null;
            _openDirectory = file.Directory.Reopen(options.Target);
            _directory = file.Directory;
        }

        _openFile = _openDirectory!.OpenFile(file.Name, isForWriting: true);
        _file = file;
        return _openFile;
    }
}
