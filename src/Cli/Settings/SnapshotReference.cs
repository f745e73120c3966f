namespace Halley.Cli.Settings;

/// <summary>A snapshot on a command line, with a directory in it: <c>latest</c>, <c>1a2b3c4d:/home/anna</c>.</summary>
/// <param name="Name">The snapshot.</param>
/// <param name="Directory">The directory; <c>/</c> for all of it.</param>
internal sealed record SnapshotReference(string Name, string Directory)
{
    public static SnapshotReference Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? new(text[..colon], $"/{text[(colon + 1)..].Trim('/')}")
            : new(text, "/");
}
