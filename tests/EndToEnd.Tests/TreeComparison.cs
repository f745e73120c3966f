namespace Halley.EndToEnd.Tests;

/// <summary>Compares two directory trees entry by entry and byte by byte, links, modes and times of files included.</summary>
internal static class TreeComparison
{
    private const int MostReported = 20;

    public static void AssertEqual(string expected, string actual)
    {
        var differences = Differences(new DirectoryInfo(expected), new DirectoryInfo(actual)).Take(MostReported).ToList();
        Assert.True(differences.Count == 0, $"{actual} is not a copy of {expected}:\n{string.Join('\n', differences)}");
    }

    private static IEnumerable<string> Differences(DirectoryInfo expected, DirectoryInfo actual)
    {
        var found = actual.EnumerateFileSystemInfos().ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        foreach (var entry in expected.EnumerateFileSystemInfos())
        {
            if (!found.Remove(entry.Name, out var other))
            {
                yield return $"missing: {entry.FullName}";
                continue;
            }

            if (DifferenceOf(entry, other) is { } difference)
            {
                yield return $"{difference}: {entry.FullName}";
            }

            if (entry is DirectoryInfo directory && entry.LinkTarget is null && other is DirectoryInfo otherDirectory)
            {
                foreach (var inside in Differences(directory, otherDirectory))
                {
                    yield return inside;
                }
            }
        }

        foreach (var surplus in found.Values)
        {
            yield return $"not in the original: {surplus.FullName}";
        }
    }

    private static string? DifferenceOf(FileSystemInfo expected, FileSystemInfo actual) => (expected, actual) switch
    {
        _ when expected.LinkTarget != actual.LinkTarget => $"link to {actual.LinkTarget} instead of {expected.LinkTarget}",
        _ when expected.LinkTarget is not null => null,
        _ when expected.GetType() != actual.GetType() => "another kind of entry",
        _ when expected.UnixFileMode != actual.UnixFileMode => $"mode {actual.UnixFileMode} instead of {expected.UnixFileMode}",
        (FileInfo file, FileInfo other) when file.Length != other.Length => $"{other.Length} bytes instead of {file.Length}",
        (FileInfo file, FileInfo other) when file.LastWriteTimeUtc != other.LastWriteTimeUtc => "another time",
        (FileInfo file, FileInfo other) when !SameContent(file, other) => "other content",
        _ => null,
    };

    private static bool SameContent(FileInfo expected, FileInfo actual)
    {
        using var left = expected.OpenRead();
        using var right = actual.OpenRead();
        // Larger buffers would be large objects, for which the whole heap is collected again and again.
        var leftBuffer = new byte[64 * 1024];
        var rightBuffer = new byte[64 * 1024];
        while (true)
        {
            var leftCount = left.ReadAtLeast(leftBuffer, leftBuffer.Length, throwOnEndOfStream: false);
            var rightCount = right.ReadAtLeast(rightBuffer, rightBuffer.Length, throwOnEndOfStream: false);
            if (!leftBuffer.AsSpan(0, leftCount).SequenceEqual(rightBuffer.AsSpan(0, rightCount)))
            {
                return false;
            }

            if (leftCount == 0)
            {
                return true;
            }
        }
    }
}
