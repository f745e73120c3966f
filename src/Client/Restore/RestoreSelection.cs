using Halley.Client.Selection;

namespace Halley.Client.Restore;

/// <summary>Which paths are restored: those that an include matches, if there are any, and no exclude.</summary>
/// <param name="Includes">What is restored; empty for everything.</param>
/// <param name="Excludes">What is not.</param>
public sealed record RestoreSelection(IReadOnlyList<PathPattern> Includes, IReadOnlyList<PathPattern> Excludes)
{
    /// <summary>Everything.</summary>
    public static RestoreSelection Everything { get; } = new([], []);

    /// <summary>True when a path is restored.</summary>
    /// <param name="path">Its path from <see cref="RestoreOptions.Source"/> on, with a slash in front.</param>
    public bool Selects(ReadOnlySpan<byte> path) => (Includes.Count == 0 || Matches(Includes, path)) && !Matches(Excludes, path);

    /// <summary>True when something below a directory may be restored.</summary>
    /// <param name="path">Its path from <see cref="RestoreOptions.Source"/> on, with a slash in front.</param>
    public bool MaySelectBelow(ReadOnlySpan<byte> path)
    {
        var isIncluded = Includes.Count == 0 || Matches(Includes, path);
        foreach (var include in Includes)
        {
            isIncluded = isIncluded || include.MayMatchBelow(path);
        }

        return isIncluded && !Matches(Excludes, path);
    }

    private static bool Matches(IReadOnlyList<PathPattern> patterns, ReadOnlySpan<byte> path)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(path))
            {
                return true;
            }
        }

        return false;
    }
}
