using System.Collections.Concurrent;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>Counts what a backup does. Safe for all workers at once.</summary>
internal sealed class BackupTally(TimeProvider time, PackWriter writer, BackupOptions options)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<BackupWarning> _warnings = new();
    private readonly ConcurrentDictionary<BlobId, bool> _oldPacks = new();
    private readonly Lock _reporting = new();
    private readonly long[] _files = new long[3];
    private readonly long[] _directories = new long[3];
    private readonly VaultTime _start = VaultTime.Now(time);
    private BackupTotal? _total;
    private long _bytes;
    private long _chunks;
    private long _reported = time.GetTimestamp();
    private volatile bool _isPartial;

    /// <summary>When the backup began.</summary>
    public VaultTime Start => _start;

    public IReadOnlyList<BackupWarning> Warnings => [.. _warnings];

    /// <summary>True when something is missing.</summary>
    public bool IsPartial => _isPartial;

    /// <summary>Chunks of all files.</summary>
    public long Chunks => Interlocked.Read(ref _chunks);

    /// <summary>Packs that were there before and are needed.</summary>
    public IEnumerable<BlobId> OldPacks => _oldPacks.Keys;

    /// <summary>What there is in all, when it has been counted.</summary>
    public BackupTotal? Total
    {
        set => Volatile.Write(ref _total, value);
    }

    public void Warn(BytePath path, string message) => Add(new(path.ToString(), message));

    /// <summary>A warning of something that is not in the backup.</summary>
    public void Miss(string path, string message)
    {
        _isPartial = true;
        Add(new(path, message));
    }

    public void Need(in BlobId pack)
    {
        if (!_oldPacks.ContainsKey(pack))
        {
            _oldPacks.TryAdd(pack, true);
        }
    }

    public void CountBytes(long bytes, BytePath path)
    {
        Interlocked.Add(ref _bytes, bytes);
        Report(path);
    }

    public void CountFile(Node node, Node? before, BytePath path)
    {
        var action = ActionOf(node, before);
        Interlocked.Increment(ref _files[(int)action]);
        Interlocked.Add(ref _chunks, node.Content?.Count ?? 0);
        Finish(path, isDirectory: false, action, node.Size);
        Report(path);
    }

    public void CountDirectory(Node node, Node? before, BytePath path)
    {
        var action = ActionOf(node, before);
        Interlocked.Increment(ref _directories[(int)action]);
        Finish(path, isDirectory: true, action, size: 0);
    }

    public SnapshotSummary Summarize()
    {
        var added = writer.Statistics;
        return new SnapshotSummary
        {
            BackupStart = _start,
            BackupEnd = VaultTime.Now(time),
            FilesNew = (ulong)_files[(int)BackupAction.New],
            FilesChanged = (ulong)_files[(int)BackupAction.Modified],
            FilesUnmodified = (ulong)_files[(int)BackupAction.Unchanged],
            DirectoriesNew = (ulong)_directories[(int)BackupAction.New],
            DirectoriesChanged = (ulong)_directories[(int)BackupAction.Modified],
            DirectoriesUnmodified = (ulong)_directories[(int)BackupAction.Unchanged],
            DataBlobs = (ulong)added.DataBlobs,
            TreeBlobs = (ulong)added.TreeBlobs,
            DataAdded = (ulong)added.PlainBytes,
            DataAddedPacked = (ulong)added.PackedBytes,
            TotalFilesProcessed = (ulong)_files.Sum(),
            TotalBytesProcessed = (ulong)_bytes,
        };
    }

    // A file counts by its content, a directory by all that is below.
    private static BackupAction ActionOf(Node node, Node? before) =>
        before is null || before.Type != node.Type ? BackupAction.New
        : node.Subtree == before.Subtree && IsSameContent(node.Content, before.Content) ? BackupAction.Unchanged
        : BackupAction.Modified;

    private void Add(BackupWarning warning)
    {
        _warnings.Enqueue(warning);
        lock (_reporting)
        {
            options.OnWarning?.Invoke(warning);
        }
    }

    private void Finish(BytePath path, bool isDirectory, BackupAction action, ulong size)
    {
        if (options.OnItem is { } onItem)
        {
            var text = isDirectory ? $"{path}/" : path.ToString();
            lock (_reporting)
            {
                onItem(new(text, action, size));
            }
        }
    }

    private static bool IsSameContent(IReadOnlyList<BlobId>? left, IReadOnlyList<BlobId>? right) =>
        ReferenceEquals(left, right) || (left is not null && right is not null && left.SequenceEqual(right));

    private void Report(BytePath path)
    {
        if (options.Progress is not { } progress || time.GetElapsedTime(Volatile.Read(ref _reported)) < ReportEvery
            || !_reporting.TryEnter())
        {
            return;
        }

        try
        {
            Volatile.Write(ref _reported, time.GetTimestamp());
            progress(new(
                _files.Sum(), Interlocked.Read(ref _bytes), writer.Statistics.PackedBytes, _warnings.Count, path.ToString(),
                Volatile.Read(ref _total)));
        }
        finally
        {
            _reporting.Exit();
        }
    }
}
