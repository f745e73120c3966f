namespace Halley.Client.Restore;

/// <summary>Which paths are restored: those that an include matches, if there are any, and no exclude.</summary>
/// <param name="Includes">What is restored; empty for everything.</param>
/// <param name="Excludes">What is not.</param>
public sealed record RestoreSelection(IReadOnlyList<PathPattern> Includes, IReadOnlyList<PathPattern> Excludes)
{
    /// <summary>Everything.</summary>
    public static RestoreSelection Everything { get; } = new([], []);

    /// <summary>True when a path is restored.</summary>
    /// <param name="path">Its names from <see cref="RestoreOptions.Source"/> on.</param>
    public bool Selects(IReadOnlyList<string> path) =>
        (Includes.Count == 0 || Includes.Any(pattern => pattern.Matches(path))) && !Excludes.Any(pattern => pattern.Matches(path));

    /// <summary>True when something below a directory may be restored.</summary>
    /// <param name="path">Its names from <see cref="RestoreOptions.Source"/> on.</param>
    public bool MaySelectBelow(IReadOnlyList<string> path) =>
        (Includes.Count == 0 || Includes.Any(pattern => pattern.Matches(path) || pattern.MayMatchBelow(path)))
        && !Excludes.Any(pattern => pattern.Matches(path));
}
