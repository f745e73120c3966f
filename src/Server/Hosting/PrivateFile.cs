using Halley.Storage.Disk;

namespace Halley.Server.Hosting;

/// <summary>Small files that contain a secret. They are created with the right mode, which is never widened.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        // Deleted first, because opening an existing file would keep its mode.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        using var writer = new StreamWriter(stream);
        writer.Write(text);
        writer.Flush();
        stream.Flush();
        DeviceFlush.Run(stream.SafeFileHandle);
    }
}
