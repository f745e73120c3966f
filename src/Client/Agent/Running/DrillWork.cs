using System.Buffers;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Backup;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// A restore drill: reads files at random out of recent snapshots of this device and verifies them. A file that has not changed since its
/// backup is also compared with the source. Nothing is written.
/// </summary>
internal sealed class DrillWork(
    JobRunnerOptions options, VaultOpening vaults, VaultLocks locks, UserProfileConfig profile, ProfileVault place)
{
    /// <summary>Bytes of files that a drill reads, unless the first one alone has more.</summary>
    public const long Budget = 256 << 20;

    private const int MostSnapshots = 3;
    private const int MostFiles = 500;
    private static readonly TimeSpan Recent = TimeSpan.FromDays(30);
    private static readonly BackupOptions AsBackupsDecide = new();

    private long _files;
    private long _bytes;
    private long _compared;

    public async Task RunAsync(JobWork work)
    {
        using var vault = await vaults.OpenAsync(place, new VaultUse { Notice = work.Info, Late = work.Late }, work.Stopped);
        await locks.RunAsync(work, vault, isExclusive: false, async (_, token) =>
        {
            var snapshots = Choose(await vault.Vault.Snapshots.ListAsync(error => work.Error(error.Message), token));
            if (snapshots.Count == 0)
            {
                throw new JobStop(JobStatus.Warning, "The vault has no snapshot of this device, so nothing could be tested.");
            }

            var index = await vault.Vault.LoadIndexAsync(token);
            foreach (var snapshot in snapshots)
            {
                await TestAsync(work, vault, index, snapshot, _bytes + ((Budget - _bytes) / Math.Max(1, snapshots.Count)), token);
            }
        });
        work.Record.Change(job =>
        {
            (job.TotalFiles, job.TotalSize) = (_files, _bytes);
            (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded);
        });
        work.Info(
            $"{_files} files with {ByteText.Of(_bytes)} were restored to nowhere and verified; {_compared} of them were compared with the "
            + "files on this device.");
    }

    // Recent ones at random, and the newest one where there are none.
    private List<SnapshotEntry> Choose(IReadOnlyList<SnapshotEntry> snapshots)
    {
        var device = options.State.RequireAccount().DeviceId;
        var own = snapshots.Where(entry =>
            profile.Sources.TryGetValue(ItemTags.ItemOf(entry.Snapshot), out var item) && item.OwnerDevice == device).ToList();
        var recent = own.Where(entry => options.Time.GetUtcNow() - entry.Snapshot.Time.ToDateTimeOffset() < Recent).ToArray();
        options.Random.Shuffle(recent);
        return recent.Length > 0 ? [.. recent.Take(MostSnapshots)] : [.. own.TakeLast(1)];
    }

    private async Task TestAsync(
        JobWork work, JobVault vault, VaultIndex index, SnapshotEntry entry, long until, CancellationToken cancellationToken)
    {
        var files = await SampleAsync(work, vault, index, entry.Snapshot, cancellationToken);
        work.Info($"Testing snapshot {entry.Id.ShortText} of {entry.Snapshot.Time}.");
        for (var i = 0; i < files.Count && (i == 0 || _bytes + (long)files[i].Node.Size <= until); i++)
        {
            await TestAsync(work, vault, index, files[i], cancellationToken);
            work.Report(_bytes, _files, 0, job => job.DownloadSize = vault.Store.Downloaded);
        }
    }

    // Each file of the snapshot is as likely as any other.
    private async Task<List<SnapshotNode>> SampleAsync(
        JobWork work, JobVault vault, VaultIndex index, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var (files, seen) = (new List<SnapshotNode>(), 0);
        var walk = new SnapshotWalk(vault.Vault, index, (path, message) => Fail(work, path, message));
        await foreach (var file in walk.RunAsync(snapshot.Tree, enters: null, cancellationToken))
        {
            if (file.Node.Type != NodeType.File)
            {
                continue;
            }

            var slot = options.Random.Next(++seen);
            if (files.Count < MostFiles)
            {
                files.Add(file);
            }
            else if (slot < MostFiles)
            {
                files[slot] = file;
            }
        }

        var sample = files.ToArray();
        options.Random.Shuffle(sample);
        return [.. sample];
    }

    private async Task TestAsync(JobWork work, JobVault vault, VaultIndex index, SnapshotNode file, CancellationToken cancellationToken)
    {
        using var source = OpenUnchanged(file);
        var (length, isSame) = (0UL, true);
        try
        {
            foreach (var id in file.Node.Content ?? [])
            {
                var chunk = await vault.Vault.ReadBlobAsync(index, BlobKind.Data, id, cancellationToken); // verified
                isSame = isSame && (source is null || source.HasNext(chunk));
                length += (ulong)chunk.Length;
            }
        }
        catch (VaultException error)
        {
            Fail(work, file.DisplayPath, error.Message);
            return;
        }

        (_files, _bytes) = (_files + 1, _bytes + (long)length);
        if (length != file.Node.Size)
        {
            Fail(work, file.DisplayPath, $"has {length} bytes although the snapshot says {file.Node.Size}");
        }
        else if (source?.IsStillUnchanged() == true)
        {
            _compared++;
            if (!isSame)
            {
                Fail(
                    work, file.DisplayPath,
                    "differs from the file on this device although its size and times are the same: this disk or the backup is damaged");
            }
        }
    }

    private static void Fail(JobWork work, string path, string message) =>
        work.Log(JobSeverity.Error, work.ShowsFileNames ? $"{path}: {message}" : $"A file or folder: {message}");

    private static SourceFile? OpenUnchanged(SnapshotNode file)
    {
        var path = BytePath.Of(file.Path.Span);
        try
        {
            return OperatingSystem.IsLinux() && NodeComparison.IsUnchanged(LinuxFiles.Status(path), file.Node, AsBackupsDecide)
                ? new SourceFile(path, file.Node)
                : null;
        }
        catch (SourceException)
        {
            return null; // gone, or not to be read: then there is nothing to compare with
        }
    }

    /// <summary>The file on this device, read beside that of the snapshot.</summary>
    private sealed class SourceFile(BytePath path, Node node) : IDisposable
    {
        private readonly FileStream _content = new(LinuxFiles.Open(path), FileAccess.Read, bufferSize: 0);

        public bool HasNext(ReadOnlySpan<byte> expected)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(expected.Length);
            try
            {
                var found = buffer.AsSpan(0, expected.Length);
                return _content.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length
                    && found.SequenceEqual(expected);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        /// <summary>False when it changed while it was read.</summary>
        public bool IsStillUnchanged() => NodeComparison.IsUnchanged(LinuxFiles.Status(_content.SafeFileHandle), node, AsBackupsDecide);

        public void Dispose() => _content.Dispose();
    }
}
