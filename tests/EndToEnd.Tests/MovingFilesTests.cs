using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>An operator moves files between volumes with plain <c>mv</c> while clients are at work.</summary>
public sealed class MovingFilesTests(ITestOutputHelper output)
{
    // Arguments: the bucket's directories on both volumes, a file whose existence ends the loop, a file that gets a line per
    // move. A file that restic removes under the hands of mv is none of the loop's business.
    private const string Loop = """
        while [ ! -e "$3" ]; do
            for pair in "$1:$2" "$2:$1"; do
                from=${pair%%:*}
                to=${pair#*:}
                find "$from" -type f 2>/dev/null | shuf -n 4 | while read -r file; do
                    target="$to/${file#"$from"/}"
                    mkdir -p "${target%/*}"
                    mv "$file" "$target" 2>/dev/null && echo "${file##*/}" >>"$4"
                done
            done
            sleep 0.02
        done
        """;

    [Fact]
    public async Task Moving_files_between_file_systems_disturbs_no_backup_restore_or_prune()
    {
        using var memory = TemporaryDirectory.InMemory();
        await using var installation = await Installation.StartAsync(secondVolume: memory.Combine("volume-2"));
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic();
        using var tree = SourceTree.OfRealFiles(300);
        using var restored = new TemporaryDirectory();
        using var notes = new TemporaryDirectory();
        await restic.RunAsync("init");

        var randomness = TestRun.Randomness(output);
        await using (var loop = StartLoop(installation, vault, notes))
        {
            await restic.RunAsync("backup", tree.Path);
            tree.Change(randomness);
            await restic.RunAsync("backup", tree.Path);
            await restic.RunAsync("restore", "latest", "--target", restored.Path);
            await restic.RunAsync("forget", "--keep-last", "1", "--prune");
            await restic.RunAsync("check");
            await EndLoopAsync(loop, notes);
        }

        await restic.RunAsync("check", "--read-data");
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
        await ValidationCommand.AssertOnlyOkAsync(vault);
        Assert.True(Moves(notes) > 200, $"The loop moved only {Moves(notes)} files: nothing was tested.");
        output.WriteLine($"{Moves(notes)} files were moved");
    }

    private static OwnedProcess StartLoop(Installation installation, Vault vault, TemporaryDirectory notes) => OwnedProcess.Start(
        Tools.Require("bash", "bash"),
        [
            "-c", Loop, "move-files", vault.DirectoryOn(installation.FirstVolume), vault.DirectoryOn(installation.SecondVolume),
            notes.Combine("stop"), notes.Combine("moved"),
        ]);

    // Not by a signal: mv would leave half a file behind, which is the operator's to clean up.
    private static async Task EndLoopAsync(OwnedProcess loop, TemporaryDirectory notes)
    {
        Assert.False(loop.HasExited, loop.Output);
        await File.WriteAllTextAsync(notes.Combine("stop"), "");
        await Eventually.HoldsAsync("the loop ends", TimeSpan.FromSeconds(30), () => loop.HasExited);
    }

    private static int Moves(TemporaryDirectory notes) => File.ReadLines(notes.Combine("moved")).Count();
}
