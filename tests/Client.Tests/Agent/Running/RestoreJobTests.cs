using System.Formats.Tar;
using System.IO.Compression;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A restore that a command asks for brings back files to where it says, or an archive, or only tries.</summary>
public sealed class RestoreJobTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    private string Target => _agent["target"];

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        _agent.AddFile("a.txt", "first");
        _agent.AddFile("sub/b [1].txt", "second");
        _agent.AddFile("sub/b 1.txt", "third");
        Assert.Equal(JobStatus.Success, (await _agent.BackUpAsync()).Status);
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Latest_snapshot_of_the_item_is_restored_below_the_target()
    {
        var job = await _agent.RestoreAsync(new() { DestPath = Target });

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal((JobClassification.Restore, TestAgent.ItemId), (job.Classification, job.SourceGUID));
        Assert.Equal("first", await ReadAsync("a.txt"));
        Assert.Equal("second", await ReadAsync("sub", "b [1].txt"));
        Assert.True(job.TotalSize == 16 && job.DownloadSize > 0 && job.SnapshotID.Length > 0);
    }

    [Fact]
    public async Task Paths_are_literal()
    {
        var job = await _agent.RestoreAsync(new() { DestPath = Target }, Path.Combine(_agent.Source, "sub", "b [1].txt"));

        Assert.Equal(JobStatus.Success, job.Status);
        Assert.Equal(
            ["b [1].txt"], Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public async Task Existing_files_stay_unless_they_may_be_overwritten()
    {
        var file = Path.Combine(_agent.Source, "a.txt");
        await File.WriteAllTextAsync(file, "changed");
        var original = new RestoreJobAdvancedOptions { DestIsOriginalLocation = true };
        await _agent.RestoreAsync(original);
        Assert.Equal("changed", await File.ReadAllTextAsync(file));

        (original.OverwriteExistingFiles, original.OverwriteIfNewer) = (true, true);
        await _agent.RestoreAsync(original);
        Assert.Equal("changed", await File.ReadAllTextAsync(file));

        original.OverwriteIfNewer = false;
        await _agent.RestoreAsync(original);
        Assert.Equal("first", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Read_only_file_with_other_content_stays_unless_permissions_may_be_forced()
    {
        var file = Path.Combine(_agent.Source, "a.txt");
        await File.WriteAllTextAsync(file, "changed");
        File.SetAttributes(file, FileAttributes.ReadOnly);
        var options = new RestoreJobAdvancedOptions { DestIsOriginalLocation = true, OverwriteExistingFiles = true };
        var kept = await _agent.RestoreAsync(options);
        Assert.Equal((JobStatus.Warning, "changed"), (kept.Status, await File.ReadAllTextAsync(file)));
        Assert.Contains($"{file}: is read-only and has other content", _agent.LogOf(kept), StringComparison.Ordinal);

        options.OverwriteForcePermissions = true;
        var forced = await _agent.RestoreAsync(options);

        Assert.Equal((JobStatus.Success, "first"), (forced.Status, await File.ReadAllTextAsync(file)));
        Assert.False(File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly));
    }

    [Theory]
    [InlineData(true, JobStatus.Warning, "W")]
    [InlineData(false, JobStatus.Error, "E")]
    public async Task Content_that_the_vault_has_lost_becomes_zeros_and_the_caller_says_whether_that_is_a_failure(
        bool skips, JobStatus status, string severity)
    {
        foreach (var pack in Directory.GetFiles(Path.Combine(_agent.TheVault.LocalcopyPath, "data"), "*", SearchOption.AllDirectories))
        {
            File.Delete(pack);
        }

        var job = await _agent.RestoreAsync(new() { DestPath = Target, SkipUnreadableChunks = skips });

        Assert.True(job.Status == status, _agent.LogOf(job));
        var file = Path.Combine(_agent.Source, "a.txt");
        Assert.Contains(
            $"{severity} {file}: has zeros instead of 5 bytes from byte 0 on: ", _agent.LogOf(job), StringComparison.Ordinal);
        Assert.Equal("\0\0\0\0\0", await ReadAsync("a.txt"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Archive_has_the_files(long format)
    {
        var path = _agent["archives", "restored"];

        var job = await _agent.RestoreAsync(new() { Type = 5, ArchiveFormat = format, DestPath = path });

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal([path], Directory.GetFiles(_agent["archives"]));
        Assert.Equal(["a.txt=first", "b 1.txt=third", "b [1].txt=second"], await ReadArchiveAsync(path, format));
        var again = await _agent.RestoreAsync(new() { Type = 5, ArchiveFormat = format, DestPath = path });
        Assert.Equal(JobStatus.Error, again.Status);
    }

    [Fact]
    public async Task Test_reads_everything_and_finds_damage()
    {
        var test = new RestoreJobAdvancedOptions { Type = 1 };
        var whole = await _agent.RestoreAsync(test);
        foreach (var pack in Directory.GetFiles(Path.Combine(_agent.TheVault.LocalcopyPath, "data"), "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllBytesAsync(pack);
            content[10] ^= 1;
            File.Delete(pack);
            await File.WriteAllBytesAsync(pack, content);
        }

        var damaged = await _agent.RestoreAsync(test);

        Assert.True(whole.Status == JobStatus.Success, _agent.LogOf(whole));
        Assert.True(damaged.Status.IsFailed());
    }

    [Theory]
    [InlineData(10, 0, "/target", "not_supported")]
    [InlineData(5, 3, "/target", "not_supported")]
    [InlineData(0, 0, "", "invalid_arguments")]
    [InlineData(5, 0, "relative", "invalid_arguments")]
    public async Task Restore_that_cannot_be_begun_is_refused(long type, long format, string path, string code)
    {
        var options = new RestoreJobAdvancedOptions { Type = type, ArchiveFormat = format, DestPath = path };

        var report = await _agent.CommandAsync(CommandCatalog.RunRestore, new(TestAgent.ItemId, TestAgent.VaultId, options));

        Assert.Equal((CommandStates.Failed, code), (report.State, report.Code));
    }

    [Fact]
    public async Task Restore_outside_of_the_home_directories_is_refused_to_a_limited_device()
    {
        _agent.Profile.LinuxHomedirSandbox = true;
        var options = new RestoreJobAdvancedOptions { DestPath = "/home/../etc" };

        var report = await _agent.CommandAsync(CommandCatalog.RunRestore, new(TestAgent.ItemId, TestAgent.VaultId, options));

        Assert.Equal("not_allowed", report.Code);
    }

    private Task<string> ReadAsync(params string[] names) =>
        File.ReadAllTextAsync(Path.Combine([Target, _agent.Source.TrimStart('/'), .. names]));

    private static async Task<IReadOnlyList<string>> ReadArchiveAsync(string path, long format)
    {
        var files = new List<string>();
        if (format == 2)
        {
            await using var zip = await ZipFile.OpenReadAsync(path);
            foreach (var entry in zip.Entries.Where(entry => entry.Name.Length > 0))
            {
                using var reader = new StreamReader(await entry.OpenAsync());
                files.Add($"{entry.Name}={await reader.ReadToEndAsync()}");
            }
        }
        else
        {
            await using var file = File.OpenRead(path);
            await using Stream plain = format switch
            {
                1 => new GZipStream(file, CompressionMode.Decompress),
                4 => await UnpackZstdAsync(path),
                _ => file,
            };
            await using var tar = new TarReader(plain);
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile)
                {
                    using var reader = new StreamReader(entry.DataStream!);
                    files.Add($"{Path.GetFileName(entry.Name)}={await reader.ReadToEndAsync()}");
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static async Task<Stream> UnpackZstdAsync(string path)
    {
        var unpacked = $"{path}.tar";
        (await ExternalProgram.RunAsync("zstd", ["-d", "-q", "-o", unpacked, path])).EnsureSuccess();
        return File.OpenRead(unpacked);
    }
}
