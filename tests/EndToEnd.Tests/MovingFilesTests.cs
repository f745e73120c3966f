using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>
/// An operator moves files between volumes with <c>mv</c>, <c>cp</c> and <c>rm</c>, or <c>rsync</c>, while clients are at work.
/// </summary>
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
                    case $((RANDOM % 3)) in
                        0) mv "$file" "$target" 2>/dev/null ;;
                        1) cp "$file" "$target" 2>/dev/null && rm "$file" 2>/dev/null ;;
                        2) rsync -a --remove-source-files "$file" "${target%/*}/" 2>/dev/null ;;
                    esac && echo "${file##*/}" >>"$4"
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
        using var restic = vault.OpenWithRestic(smallPacks: !TestRun.IsSlow);
        using var tree = SourceTree.OfRealFiles(TestRun.IsSlow ? 300 : 100);
        using var restored = new TemporaryDirectory();
        using var notes = new TemporaryDirectory();
        await restic.RunAsync("init");

        var randomness = TestRun.Randomness(output);
        await using (var loop = StartLoop(installation, vault, notes))
        {
            await restic.RunAsync("backup", tree.Path);
            tree.Change(randomness, TestRun.IsSlow ? 24 : 8);
            await restic.RunAsync("backup", tree.Path);
            await restic.RunAsync("restore", "latest", "--target", restored.Path);
            await restic.RunAsync("forget", "--keep-last", "1", "--prune");
            await restic.RunAsync("check");
            await EndLoopAsync(loop, notes);
        }

        await restic.RunAsync("check", "--read-data");
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
        await ValidationCommand.AssertOnlyOkAsync(vault);
        Assert.True(Moves(notes) > 100, $"The loop moved only {Moves(notes)} files: nothing was tested.");
        output.WriteLine($"{Moves(notes)} files were moved");
    }

    [Fact]
    public async Task Volume_that_is_copied_while_the_server_is_off_is_served_from_its_new_place()
    {
        await using var installation = await Installation.StartAsync();
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic();
        using var tree = SourceTree.OfRealFiles(TestRun.IsSlow ? 30 : 24);
        using var place = new TemporaryDirectory();
        using var restored = new TemporaryDirectory();
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);
        var volume = await installation.VolumeAtAsync(installation.SecondVolume);

        await installation.Server.StopAsync();
        (await ExternalProgram.RunAsync(
            Tools.Require("rsync", "rsync"), ["-a", installation.SecondVolume + "/", place.Combine("volume-2") + "/"])).EnsureSuccess();
        Directory.Delete(installation.SecondVolume, recursive: true);
        await installation.Server.StartAgainAsync(waitFor: "/healthz");
        await installation.Admin.RelocateAsync(volume.Id, place.Combine("volume-2"));

        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", restored.Path);
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
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
        await loop.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    private static int Moves(TemporaryDirectory notes) => File.ReadLines(notes.Combine("moved")).Count();
}
