using System.IO.Compression;
using Halley.Client.Accounts;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Restore;
using Halley.Client.Restore.Archives;
using Halley.Client.Selection;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Running;

/// <summary>A restore of a snapshot to files, to an archive, or to nowhere as a test.</summary>
internal sealed class RestoreWork(
    VaultOpening vaults, VaultLocks locks, UserProfileConfig profile, ProfileVault place, RunRestoreArguments arguments)
{
    private const long ToFiles = 0;
    private const long ToNowhere = 1;
    private const long ToArchive = 5;

    private readonly RestoreJobAdvancedOptions _options = arguments.Options;

    /// <summary>What is wrong with the request as far as can be said at once; null when nothing is.</summary>
    public static RunnerException? ProblemWith(RestoreJobAdvancedOptions options, bool isLimitedToHomes) => options.Type switch
    {
        not (ToFiles or ToNowhere or ToArchive) => new(
            RunnerException.NotSupported,
            $"This client cannot restore in the way {options.Type}. It restores to files (0), to nowhere as a test (1) and to an archive "
            + "(5)."),
        ToArchive when options.ArchiveFormat is not (0 or 1 or 2 or 4) => new(
            RunnerException.NotSupported,
            $"This client cannot write archives of the format {options.ArchiveFormat}. It writes tar (0), tar.gz (1), zip (2) and tar.zst "
            + "(4)."),
        ToFiles when options.ExactDestPaths.Count > 0 => new(
            RunnerException.NotSupported, "This client restores below one folder. Give DestPath, and no ExactDestPaths."),
        ToArchive when !Path.IsPathRooted(options.DestPath) => NoPath(),
        ToFiles when !options.DestIsOriginalLocation && !Path.IsPathRooted(options.DestPath) => NoPath(),
        not ToNowhere when !new HomeSandbox(isLimitedToHomes).Allows(TargetOf(options)) => new(
            RunnerException.NotAllowed, "The account limits this device to home directories. Restore to a folder in one of them."),
        _ => null,
    };

    public async Task RunAsync(JobWork work)
    {
        using var vault = await vaults.OpenAsync(place, new VaultUse { Notice = work.Info, Late = work.Late }, work.Stopped);
        await locks.RunAsync(work, vault, isExclusive: false, async (_, token) =>
        {
            var snapshots = await vault.Vault.Snapshots.ListAsync(error => work.Warn(error.Message), token);
            var entry = Find(snapshots);
            var index = await vault.Vault.LoadIndexAsync(token);
            work.Record.Change(job => job.SnapshotID = entry.Id.ToString());
            if (_options.OnDiskIndexesKey)
            {
                work.Info("The option OnDiskIndexesKey has no effect: the index of a vault takes little memory here.");
            }

            work.Info($"Restoring snapshot {entry.Id.ShortText} of {entry.Snapshot.Time} to {TargetText}.");
            await (_options.Type == ToFiles
                ? RestoreFilesAsync(work, vault, index, entry.Snapshot, token)
                : RestoreArchiveAsync(work, vault, index, entry.Snapshot, token));
            vault.Vault.TrimCache();
        });
        work.Record.Change(job => (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded));
    }

    private static RunnerException NoPath() =>
        new(RunnerException.InvalidArguments, "The target must be an absolute path of this device (DestPath).");

    private static string TargetOf(RestoreJobAdvancedOptions options) => options.DestIsOriginalLocation ? "/" : options.DestPath;

    private string TargetText => _options.Type == ToNowhere ? "nowhere, as a test"
        : _options is { Type: ToFiles, DestIsOriginalLocation: true } ? "the original location"
        : _options.DestPath;

    private SnapshotEntry Find(IReadOnlyList<SnapshotEntry> snapshots)
    {
        if (arguments.Snapshot.Length > 0)
        {
            return snapshots.FirstOrDefault(entry => entry.Id.ToString() == arguments.Snapshot)
                ?? throw new JobStop(JobStatus.Error, $"The vault has no snapshot {arguments.Snapshot}.");
        }

        var name = profile.Sources.TryGetValue(arguments.Source, out var item) ? $"'{item.Description}'" : arguments.Source;
        return snapshots.LastOrDefault(entry => ItemTags.ItemOf(entry.Snapshot) == arguments.Source)
            ?? throw new JobStop(JobStatus.Error, $"The vault has no snapshot of {name}.");
    }

    private RestoreSelection Selection() =>
        new([.. (arguments.Paths ?? []).Where(path => path.Trim('/').Length > 0).Select(LiteralPath)], []);

    private static PathPattern LiteralPath(string path) =>
        new("/" + string.Concat(path.Trim('/').Select(letter => letter is '*' or '?' or '[' or ']' or '\\' ? $"\\{letter}" : $"{letter}")));

    private async Task RestoreFilesAsync(
        JobWork work, JobVault vault, VaultIndex index, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var (entries, bytes) = (0L, 0L);
        var restore = new RestoreOptions
        {
            Target = TargetOf(_options),
            Selection = Selection(),
            Overwrite = !_options.OverwriteExistingFiles ? OverwritePolicy.Never
                : _options.OverwriteIfNewer ? OverwritePolicy.IfNewer
                : OverwritePolicy.Always, // which compares the content first
            ReplacesReadOnly = _options.OverwriteForcePermissions,
            OnItem = item => (entries, bytes) = (entries + 1, bytes + (long)item.Size),
            OnWarning = warning => Warn(work, warning),
            OnProgress = progress => Report(work, vault, progress.BytesWritten, progress.Entries),
        };
        var result = await VaultRestore.RunAsync(vault.Vault, index, snapshot, restore, cancellationToken);
        work.Record.Change(job => (job.TotalFiles, job.TotalSize) = (entries, bytes));
        work.Info(
            $"{result.Created} entries were created, {result.Updated} updated, {result.Unchanged} were right already, and {result.Kept} "
            + $"were kept as they are. {ByteText.Of(result.BytesWritten)} were written.");
    }

    private async Task RestoreArchiveAsync(
        JobWork work, JobVault vault, VaultIndex index, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var archive = new ArchiveOptions
        {
            Format = _options is { Type: ToArchive, ArchiveFormat: 2 } ? ArchiveFormat.Zip : ArchiveFormat.Tar,
            Selection = Selection(),
            OnWarning = warning => Warn(work, warning),
        };
        var bytes = 0L;
        void Count(int written) => Report(work, vault, bytes += written, 0);
        if (_options.Type == ToNowhere)
        {
            await using var nowhere = new CountingStream(Stream.Null, Count);
            await ArchiveRestore.RunAsync(vault.Vault, index, snapshot, archive, nowhere, cancellationToken);
            work.Info("Everything that was selected can be restored, except for what the warnings name.");
        }
        else
        {
            await WriteArchiveAsync(async file =>
            {
                await using var compressed = Compress(file);
                await using var counted = new CountingStream(compressed, Count);
                await ArchiveRestore.RunAsync(vault.Vault, index, snapshot, archive, counted, cancellationToken);
            });
        }

        work.Record.Change(job => job.TotalSize = bytes);
        work.Info($"{ByteText.Of(bytes)} were {(_options.Type == ToNowhere ? "read" : "written to the archive before compression")}.");
    }

    private async Task WriteArchiveAsync(Func<Stream, Task> writeAsync)
    {
        var path = _options.DestPath;
        if (Directory.Exists(path))
        {
            throw new JobStop(JobStatus.Error, $"{path} is a folder. Give the path of the archive.");
        }

        if (File.Exists(path) && !_options.OverwriteExistingFiles)
        {
            throw new JobStop(JobStatus.Error, $"{path} exists. Give another path, or allow existing files to be overwritten.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // it has what only some users may read
        }

        try
        {
            await using var file = new FileStream(path, options);
            await writeAsync(file);
            await file.FlushAsync();
            DeviceFlush.Run(file.SafeFileHandle);
        }
        catch
        {
            File.Delete(path); // half an archive is no archive
            throw;
        }
    }

    private Stream Compress(Stream file) => _options.ArchiveFormat switch
    {
        1 => new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true),
        4 => new ZstdSharp.CompressionStream(file, leaveOpen: true),
        _ => new CountingStream(file, static _ => { }),
    };

    // What the vault has lost does not stop a restore. The caller says whether a file with zeros is a failure.
    private void Warn(JobWork work, RestoreWarning warning)
    {
        if (warning.LacksContent && !_options.SkipUnreadableChunks)
        {
            work.ErrorOf(warning.Path, warning.Message);
        }
        else
        {
            work.WarnOf(warning.Path, warning.Message);
        }
    }

    private void Report(JobWork work, JobVault vault, long bytes, long entries) => work.Report(
        bytes, entries, arguments.KnownFiles ?? 0, job => job.DownloadSize = vault.Store.Downloaded);
}
