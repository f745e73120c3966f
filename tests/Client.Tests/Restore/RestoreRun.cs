using Halley.Client.Repository;
using Halley.Client.Restore;

namespace Halley.Client.Tests.Restore;

/// <summary>Restores for tests, and what a directory has become in words that can be compared.</summary>
internal static class RestoreRun
{
    /// <summary>Restores the latest snapshot.</summary>
    public static async Task<RestoreResult> LatestAsync(Vault vault, RestoreOptions options)
    {
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        return await VaultRestore.RunAsync(vault, index, snapshots[^1].Snapshot, options, CancellationToken.None);
    }

    /// <summary>
    /// Everything below a directory but the directory itself: type, mode, links, owner, time, size, target and the hash of the content, a
    /// line for each, in order. The name that stands first in a line is the first name of the same file.
    /// </summary>
    public static async Task<string> DescribeAsync(string directory)
    {
        const string Script =
            "find . -mindepth 1 -printf '%i %y %m %n %U:%G %T@ %s %P -> %l\\0'; "
            + "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";
        var parts = (await ShellAsync(Script, directory)).Split('\0');
        var first = new Dictionary<string, string>();
        var lines = new List<string>();
        foreach (var fields in parts[..^1].Select(part => part.Split(' ', 8)).OrderBy(fields => fields[7], StringComparer.Ordinal))
        {
            first.TryAdd(fields[0], fields[7]);
            if (fields[1] == "d")
            {
                (fields[3], fields[6]) = ("", ""); // what they are depends on the file system's history
            }

            lines.Add($"{first[fields[0]]}: {string.Join(' ', fields[1..])}");
        }

        return string.Join('\n', lines) + parts[^1];
    }

    /// <summary>Runs a script of bash in a directory and returns its output.</summary>
    public static async Task<string> ShellAsync(string script, string directory) =>
        (await ExternalProgram.RunAsync("/bin/bash", ["-c", script], workingDirectory: directory)).EnsureSuccess().StandardOutput;
}
