namespace Halley.Testing;

/// <summary>A directory that is gone with the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory(string? parent = null)
    {
        var name = $"halley-test-{Guid.NewGuid():N}";
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), name)).FullName;
    }

    public string Path { get; }

    /// <summary>A file system in memory, always another one than that of <see cref="System.IO.Path.GetTempPath"/>: a move between them copies.</summary>
    public static TemporaryDirectory InMemory() => new("/dev/shm");

    public string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    public string CreateSubdirectory(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
