using System.Text;

namespace Halley.Storage.Disk;

/// <summary>
/// A small file of a program that only its user can read, replaced as a whole. A crash leaves the old content or the new one, and at most
/// a file with the suffix <c>.new</c>, which the next write replaces.
/// </summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly DiskCalls Disk = DiskCalls.Real;

    /// <summary>Writes the file as UTF-8 text; it is durable on return. A missing directory is made, for the user alone.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the file; it is durable on return. A missing directory is made, for the user alone.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        MakeDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var staged = $"{path}.new";
        using (var file = new FileStream(staged, options))
        {
            file.Write(content);
            file.Flush();
            DeviceFlush.Run(file.SafeFileHandle);
        }

        FileReplacement.Run(staged, path);
    }

    /// <summary>Deletes the file, if there is one; it stays deleted after a power loss.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            Disk.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    private static void MakeDirectory(string directory)
    {
        if (Directory.Exists(directory))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        Disk.FlushDirectory(Path.GetDirectoryName(directory)!);
    }
}
