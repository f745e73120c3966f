using System.Reflection;

namespace Halley.Testing;

/// <summary>Where the repository and its built programs are, seen from a running test.</summary>
public static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration the tests were built with, so that they start the server that was built beside them.</summary>
    public static string Configuration { get; } =
        typeof(Checkout).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    public static string ServerAssembly { get; } =
        Path.Combine(Root, "src", "Server", "bin", Configuration, "net10.0", "Halley.Server.dll");

    public static string ClientAssembly { get; } = Path.Combine(Root, "src", "Cli", "bin", Configuration, "net10.0", "halley.dll");

    public static string PathOf(string relativePath) => Path.Combine(Root, relativePath);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Server.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"No Server.sln above {AppContext.BaseDirectory}: run the tests from a checkout.");
    }
}
