namespace Halley.Testing;

/// <summary>A directory of a test's own, gone with it.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("halley-test-").FullName;

    /// <summary>A path below it.</summary>
    public string this[params ReadOnlySpan<string> names] => System.IO.Path.Combine([Path, .. names]);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
