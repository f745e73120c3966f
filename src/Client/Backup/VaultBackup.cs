using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Backup;

/// <summary>Backs up files, directories or a stream into a vault. On Linux.</summary>
public static class VaultBackup
{
    private static readonly string Program = $"halley {typeof(VaultBackup).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>
    /// Makes a backup under a shared lock. What cannot be read is a warning of the result, and the rest is backed up. When this throws
    /// there is no snapshot; a next backup finds what index files name and does not store it again.
    /// </summary>
    /// <param name="vault">The vault.</param>
    /// <param name="options">What is backed up, and how.</param>
    /// <param name="cancellationToken">Cancels; no snapshot is made.</param>
    /// <exception cref="ArgumentException">
    /// There are neither paths nor inputs, or both; or an input's name is no name, or that of another.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">None of the paths exists.</exception>
    /// <exception cref="VaultException">The vault cannot take it.</exception>
    /// <exception cref="BlobStoreException">The store fails.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static async Task<BackupOutcome> RunAsync(Vault vault, BackupOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Backups are made on Linux only.");
        }

        if (options.AllPaths.Any() == options.Inputs.Count > 0)
        {
            throw new ArgumentException("A backup needs either paths or inputs.", nameof(options));
        }

        if (options.Inputs.Select(input => input.FileName).FirstOrDefault(IsNoName) is { } name)
        {
            throw new ArgumentException($"'{name}' cannot be the name of a file.", nameof(options));
        }

        if (options.Inputs.DistinctBy(input => input.FileName).Count() < options.Inputs.Count)
        {
            throw new ArgumentException("Two inputs have the same name.", nameof(options));
        }

        if (vault.Config.HasForeignChunker)
        {
            throw new VaultException(
                VaultFault.Unsupported,
                "Another program decided to cut the files of this vault in a way that this one lacks. Go on backing up with that program.");
        }

        var outcome = await vault.LockAsync(isExclusive: false, cancellationToken);
        if (outcome.Lock is not { } held)
        {
            return new(null, outcome.Conflicts);
        }

        await using (held)
        {
            return new(await held.RunAsync(token => BackUpAsync(vault, options, token), cancellationToken), []);
        }
    }

    private static async Task<BackupResult> BackUpAsync(Vault vault, BackupOptions options, CancellationToken cancellationToken)
    {
        var snapshots = await vault.Snapshots.ListAsync(cancellationToken); // before the index
        var index = await vault.LoadIndexAsync(cancellationToken);
        var oldPacks = index.PackCount;
        await using var writer = vault.CreatePackWriter(index);
        var tally = new BackupTally(vault.Options.Time, writer, options);
        var hasInputs = options.Inputs.Count > 0;
        var sources = hasInputs ? [] : FindPaths(options, tally);
        var paths = hasInputs
            ? options.Inputs.Select(input => $"/{input.FileName}").ToList()
            : [.. sources.Select(source => source.FullPath).Distinct()];
        var parent = hasInputs ? null : FindParent(vault, options, snapshots, paths, tally.Start);
        var tree = await SaveAsync(vault, index, writer, options, tally, sources, parent?.Snapshot.Tree, cancellationToken);
        await writer.FinishAsync(cancellationToken); // all that the snapshot refers to is stored, and in an index

        var snapshot = new Snapshot
        {
            Time = options.Time ?? tally.Start,
            Parent = parent?.Id,
            Tree = tree,
            Paths = paths,
            HostName = HostNameOf(vault, options),
            UserName = vault.Options.UserName,
            UserId = LinuxCalls.UserId(),
            GroupId = LinuxCalls.GroupId(),
            Excludes = [.. options.Rules.Select(rule => rule.Text)],
            Tags = options.Tags,
            ProgramVersion = Program,
            Summary = tally.Summarize(),
        };
        snapshot = tally.IsPartial ? snapshot.AsPartial() : snapshot;
        if (options.SkipsUnchanged && parent?.Snapshot.Tree == tree)
        {
            return new BackupResult(null, snapshot, tally.Warnings, tally.IsPartial, tally.Chunks);
        }

        var id = await vault.Snapshots.SaveAsync(snapshot, cancellationToken);
        var packs = tally.OldPacks.Union(index.Packs.Skip(oldPacks).Select(pack => pack.Id));
        await SavePackIndexAsync(vault, new PackIndex(id, [.. packs]), cancellationToken);
        vault.TrimCache();
        return new BackupResult(id, snapshot, tally.Warnings, tally.IsPartial, tally.Chunks);
    }

    private static async Task<BlobId> SaveAsync(
        Vault vault, VaultIndex index, PackWriter writer, BackupOptions options, BackupTally tally, List<SourcePath> paths, BlobId? before,
        CancellationToken cancellationToken)
    {
        using var run = new BackupRun(vault, index, writer, options, tally);
        if (options.Inputs.Count > 0)
        {
            return await run.SaveInputsAsync(options.Inputs, cancellationToken);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scan = options.ScansAhead ? ScanAsync(options, paths, tally, ended.Token) : Task.CompletedTask;
        try
        {
            return await run.SavePathsAsync(paths, before, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await scan;
        }
    }

    private static async Task ScanAsync(
        BackupOptions options, List<SourcePath> paths, BackupTally tally, CancellationToken cancellationToken)
    {
        try
        {
            var (files, bytes) = await Task.Run(() => new BackupScan(options, paths).Run(cancellationToken), cancellationToken);
            tally.Total = new(files, bytes);
        }
        catch (OperationCanceledException)
        {
            // The backup was faster.
        }
    }

    private static bool IsNoName(string name) => name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0');

    private static string HostNameOf(Vault vault, BackupOptions options) => options.HostName ?? vault.Options.HostName;

    // From here on the backup has succeeded, whatever comes.
    private static async Task SavePackIndexAsync(Vault vault, PackIndex packIndex, CancellationToken cancellationToken)
    {
        try
        {
            await vault.PackIndexes.SaveAsync(packIndex, cancellationToken);
        }
        catch (Exception error) when (error is BlobStoreException or VaultException or OperationCanceledException)
        {
            vault.Options.Notice?.Invoke(
                $"The list of the packs of snapshot {packIndex.Snapshot.ShortText} was not stored: {error.Message}");
        }
    }

    private static List<SourcePath> FindPaths(BackupOptions options, BackupTally tally)
    {
        var found = new List<SourcePath>();
        foreach (var path in options.AllPaths.Distinct())
        {
            var source = SourcePath.Of(path, options.Directory);
            if (Path.Exists(source.FullPath) || new FileInfo(source.FullPath).LinkTarget is not null)
            {
                found.Add(source);
            }
            else
            {
                tally.Miss(source.FullPath, "does not exist");
            }
        }

        return found.Count > 0 ? found : throw new DirectoryNotFoundException("None of the paths to be backed up exists.");
    }

    private static SnapshotEntry? FindParent(
        Vault vault, BackupOptions options, IReadOnlyList<SnapshotEntry> snapshots, List<string> paths, VaultTime start)
    {
        if (options.ReadsEverything)
        {
            return null;
        }

        if (options.Parent is { } id)
        {
            return snapshots.FirstOrDefault(entry => entry.Id == id)
                ?? throw new VaultException(VaultFault.Missing, $"There is no snapshot {id}, with which the backup was to be compared.");
        }

        return snapshots.LastOrDefault(entry =>
            entry.Snapshot.HostName == HostNameOf(vault, options)
            && entry.Snapshot.Time.CompareTo(options.Time ?? start) <= 0
            && !paths.Except(entry.Snapshot.Paths, StringComparer.Ordinal).Any());
    }
}
