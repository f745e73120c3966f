namespace Halley.Server.Tests.Layout;

/// <summary>The files of this repository, which the tests of its layout read.</summary>
internal static class SourceFiles
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>The code in a folder, without what tools generate; empty when the folder does not exist.</summary>
    public static IEnumerable<string> Code(params string[] folder) => !Directory.Exists(Path(folder)) ? [] :
        new[] { "*.cs", "*.razor" }
            .SelectMany(pattern => Directory.EnumerateFiles(Path(folder), pattern, SearchOption.AllDirectories))
            .Where(file => !IsGenerated(file));

    /// <summary>The names of the folders that hold code.</summary>
    public static IEnumerable<string> Folders(params string[] folder) =>
        Directory.GetDirectories(Path(folder)).Select(path => System.IO.Path.GetFileName(path))
            .Except(["bin", "obj", "wwwroot", "Properties"]);

    public static bool IsGenerated(string path) =>
        System.IO.Path.GetRelativePath(Root, path).Split(System.IO.Path.DirectorySeparatorChar)
            .Any(part => part is "obj" or "bin" or "Migrations");

    /// <summary>A path as the tables give it: from the root, with slashes.</summary>
    public static string Relative(string path) => System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "Server.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("Server.sln is not above the tests.");
        }

        return directory.FullName;
    }
}
