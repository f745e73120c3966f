namespace Halley.Testing;

/// <summary>A directory that is deleted at the end of the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory(string? parent = null)
    {
        var name = $"halley-test-{Guid.NewGuid():N}";
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), name)).FullName;
    }

    public string Path { get; }

    /// <summary>
    /// A file system in memory, always another one than that of <see cref="System.IO.Path.GetTempPath"/>: a move between them copies.
    /// </summary>
    public static TemporaryDirectory InMemory() => new("/dev/shm");

    public string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>A path below it.</summary>
    public string this[params ReadOnlySpan<string> names] => Combine(names);

    /// <summary>Writes a file in it and returns its path.</summary>
    public string File(string name, string text)
    {
        System.IO.File.WriteAllText(Combine(name), text);
        return Combine(name);
    }

    public string CreateSubdirectory(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    public void Dispose()
    {
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < 10)
            {
                // A server that has just ended may still be writing to its log.
            }
        }
    }
}
