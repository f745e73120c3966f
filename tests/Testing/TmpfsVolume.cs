namespace Halley.Testing;

/// <summary>
/// A real file system of a few megabytes, for tests that fill it. Mounting needs root, as in CI; without it the test fails.
/// </summary>
public sealed class TmpfsVolume : IAsyncDisposable
{
    private readonly TemporaryDirectory _mountPoint = new();

    private TmpfsVolume()
    {
    }

    public string Path => _mountPoint.Path;

    /// <summary>The bytes that can still be written.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    public static async Task<TmpfsVolume> MountAsync(int megabytes, int? inodes = null)
    {
        var volume = new TmpfsVolume();
        var run = await ExternalProgram.RunAsync(
            Tools.Require("mount", "mount"),
            ["-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755{(inodes is null ? "" : $",nr_inodes={inodes}")}", "tmpfs", volume.Path]);
        if (run.ExitCode == 0)
        {
            return volume;
        }

        volume._mountPoint.Dispose();
        throw new InvalidOperationException($"This test mounts a tmpfs, which this machine does not permit (run it as root): {run.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        // Lazily: a server that is being stopped may still hold a file.
        await ExternalProgram.RunAsync(Tools.Require("umount", "mount"), ["--lazy", Path]);
        _mountPoint.Dispose();
    }
}
