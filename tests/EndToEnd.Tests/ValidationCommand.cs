namespace Halley.EndToEnd.Tests;

/// <summary>
/// The command the product's documentation gives to operators for checking the files of a vault on disk, letter by letter.
/// </summary>
internal static class ValidationCommand
{
    private const string Text =
        """find . ! -name 'config' -type f -exec sha256sum '{}' \; | """
        + """awk '{ sub("^.*/", "", $2) ; if ($1 == $2) { print $2,"ok" } else { print "[!!!]",$2,"MISMATCH",$1 } }'""";

    /// <summary>Demands that it prints a line for every file of the vault on every volume, and that each says ok.</summary>
    public static async Task AssertOnlyOkAsync(Vault vault)
    {
        foreach (var directory in vault.Directories)
        {
            var run = (await ExternalProgram.RunAsync("/bin/sh", ["-c", Text], workingDirectory: directory)).EnsureSuccess();
            var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.DoesNotContain(lines, line => !line.EndsWith(" ok", StringComparison.Ordinal));

            var files = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .Count(file => Path.GetFileName(file) != "config");
            Assert.Equal(files, lines.Length);
        }
    }
}
