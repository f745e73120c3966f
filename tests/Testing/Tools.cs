namespace Halley.Testing;

/// <summary>The machine's own programs that tests use. A missing one fails the test with the command that installs it.</summary>
public static class Tools
{
    // Debian keeps daemons in sbin, which is not on the path of an ordinary user.
    private static readonly string[] ExtraDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The full path of <paramref name="program"/>, which Debian has in <paramref name="package"/>.</summary>
    public static string Require(string program, string package)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var directory in directories.Concat(ExtraDirectories))
        {
            var path = Path.Combine(directory, program);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new InvalidOperationException($"{program} is missing. Install it with: apt-get install -y {package}");
    }
}
