namespace Halley.Client.Agent.Running;

/// <summary>Limits a device to the home directories of its users, where the profile asks for that.</summary>
/// <param name="isOn">Whether the profile asks for it.</param>
internal sealed class HomeSandbox(bool isOn)
{
    private static readonly string[] Homes = ["/home", "/root", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)];

    /// <summary>The folders that a device may use while it is limited.</summary>
    public static IEnumerable<string> Roots => Homes.Where(home => home.Length > 1 && Directory.Exists(home)).Distinct();

    /// <summary>True when a path may be read or written. Symbolic links on the way count as what they lead to.</summary>
    public bool Allows(string path) => !isOn || Homes.Any(home => home.Length > 1 && IsWithin(Real(path), Real(home)));

    private static bool IsWithin(string path, string home) =>
        path == home || path.StartsWith($"{home}/", StringComparison.Ordinal);

    private static string Real(string path)
    {
        var real = "/";
        foreach (var name in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            if (new FileInfo(real).LinkTarget is not null)
            {
                real = new FileInfo(real).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
            }
        }

        return real;
    }
}
