using Halley.Server.Tasks;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>Reads files of the target again; returns those whose content matches their name.</summary>
internal delegate Task<IReadOnlySet<BlobName>> RereadFiles(IReadOnlyList<BlobName> names, CancellationToken cancellationToken);

/// <summary>
/// Goes once over a vault in one store: copies the files that another store lacks, and verifies the copies not yet verified. Every snapshot
/// listed before the data was listed is complete in the other store afterwards.
/// </summary>
internal sealed class TransferPass(
    IBlobStore source, IBlobStore target, RereadFiles reread, TransferJournal journal, TaskRun run, TimeProvider time)
{
    private const int AtATime = 4;
    private const int MostLines = 100;
    private const int MostNames = 1000;
    private const long MostBytes = 1L << 30;
    private const int LongestConfig = 1 << 20;

    // Referenced files come first, so that no file on the target ever refers to a missing one.
    private static readonly BlobType[] Order =
        [BlobType.Data, BlobType.PackIndex, BlobType.Index, BlobType.Keys, BlobType.Config, BlobType.Locks, BlobType.Snapshots];

    private readonly Dictionary<BlobType, Dictionary<FileId, long>> _missing = [];
    private readonly List<(BlobName Name, long Length)> _unverified = [];
    private readonly List<BlobName> _gone = [];
    private int _copied;
    private long _bytes;
    private int _bad;

    /// <summary>Runs the pass.</summary>
    /// <param name="isLast">
    /// True when no client writes to the source any more. Locks are then copied too, and files deleted here since are deleted on the
    /// target.
    /// </param>
    /// <param name="lost">Names that are absent here because a disk has damaged the files: they stay on the target.</param>
    /// <param name="exists">
    /// Whether the bucket still exists. Checked before anything is deleted: the files of a deleted bucket were not deleted one by one.
    /// </param>
    /// <param name="cancellationToken">Stops it between two blocks.</param>
    /// <exception cref="TransferException">The target failed or refused.</exception>
    /// <exception cref="TaskFailedException">The bucket was deleted.</exception>
    public async Task<PassResult> RunAsync(bool isLast, IReadOnlySet<string> lost, Func<bool> exists, CancellationToken cancellationToken)
    {
        var needsConfig = await NeedsConfigAsync(cancellationToken);
        foreach (var type in Order.Reverse().Where(type => type != BlobType.Config && (isLast || type != BlobType.Locks)))
        {
            await CompareAsync(type, isLast, cancellationToken);
        }

        if (!exists())
        {
            throw new TaskFailedException(
                "The bucket was deleted while it was being transferred. What was copied stays on the other server. Cancel this task.");
        }

        run.ExpectMore(_missing.Values.Sum(type => (long)type.Count), _missing.Values.Sum(type => type.Values.Sum()));
        foreach (var type in Order)
        {
            await (type != BlobType.Config
                ? CopyAsync(type, cancellationToken) : needsConfig ? CopyConfigAsync(cancellationToken) : Task.CompletedTask);
        }

        var wrong = await VerifyAsync(cancellationToken);
        var gone = _gone.FindAll(name => !lost.Contains(name.ToString()));
        foreach (var name in gone)
        {
            await AtTargetAsync(target.DeleteAsync(name, cancellationToken));
            journal.Remove(name.Type, FileId.Parse(name.Id));
        }

        return new PassResult(_copied, _bytes, wrong, _bad, gone.Count);
    }

    private async Task CompareAsync(BlobType type, bool isLast, CancellationToken cancellationToken)
    {
        var here = new Dictionary<FileId, long>();
        await foreach (var entry in source.ListAsync(type, cancellationToken))
        {
            here[FileId.Parse(entry.Id)] = entry.Length;
        }

        if (isLast)
        {
            _gone.AddRange(journal.Copied(type).Where(id => !here.ContainsKey(id)).Select(id => BlobName.Of(type, id.ToString())));
        }

        try
        {
            await foreach (var entry in target.ListAsync(type, cancellationToken))
            {
                var id = FileId.Parse(entry.Id);
                if (here.Remove(id, out var expected) && (entry.Length != expected || !journal.IsVerified(type, id)))
                {
                    _unverified.Add((BlobName.Of(type, entry.Id), entry.Length));
                }
            }
        }
        catch (BlobStoreException failure)
        {
            throw TransferException.Of(failure);
        }

        _missing[type] = here;
    }

    private async Task CopyAsync(BlobType type, CancellationToken cancellationToken)
    {
        if (_missing.TryGetValue(type, out var missing))
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(missing.Keys, options, async (id, token) => await CopyAsync(type, id, token));
        }
    }

    private async Task CopyAsync(BlobType type, FileId id, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(type, id.ToString());
        var began = time.GetTimestamp();
        using var reader = await source.OpenAsync(name, cancellationToken);
        if (reader is null)
        {
            return; // deleted since the list was made
        }

        journal.AddCopied(type, id);
        if (await PutAsync(name, reader, cancellationToken) is { } problem)
        {
            if (Interlocked.Increment(ref _bad) <= MostLines)
            {
                run.Log($"{name} cannot be copied: {problem}");
            }

            return;
        }

        lock (_unverified)
        {
            _unverified.Add((name, reader.Length));
        }

        Interlocked.Increment(ref _copied);
        Interlocked.Add(ref _bytes, reader.Length);
        run.Done(1, reader.Length);
        await run.Pace.SpendAsync(reader.Length, began, cancellationToken); // between files: an upload that pauses would be cut off
    }

    /// <summary>Stores a file in the target. Returns the fault of the source file; null when it has none.</summary>
    private async Task<string?> PutAsync(BlobName name, BlobReader reader, CancellationToken cancellationToken)
    {
        await using var content = new BlobReaderStream(reader);
        try
        {
            return (await target.PutAsync(name, content, reader.Length, cancellationToken)).Outcome switch
            {
                PutOutcome.Stored or PutOutcome.AlreadyPresent => null,
                PutOutcome.NoSpace or PutOutcome.Busy => throw new TransferException(
                    "The target has no room for the bucket. Make room there or raise its quota, then resume.", "target_full"),
                PutOutcome.Conflict => throw AnotherVault(),
                _ => "its content is not what its name says",
            };
        }
        catch (BlobStoreException failure) when (failure == content.Failure && failure.Fault == BlobStoreFault.DiskError)
        {
            return failure.Message;
        }
        catch (BlobStoreException failure) when (failure != content.Failure)
        {
            throw TransferException.Of(failure);
        }
    }

    /// <summary>How many files were not found right. A wrong one is absent there from now on.</summary>
    private async Task<int> VerifyAsync(CancellationToken cancellationToken)
    {
        var wrong = 0;
        for (int start = 0, end = 0; start < _unverified.Count; start = end)
        {
            for (var bytes = 0L; end < _unverified.Count && end - start < MostNames && bytes < MostBytes; end++)
            {
                bytes += _unverified[end].Length;
            }

            var names = _unverified[start..end].ConvertAll(file => file.Name);
            var right = await reread(names, cancellationToken);
            foreach (var name in names.Where(right.Contains))
            {
                journal.AddVerified(name.Type, FileId.Parse(name.Id));
            }

            wrong += names.Count(name => !right.Contains(name));
        }

        return wrong;
    }

    /// <summary>True when the target has no config yet. Checked first: files of two vaults must not be mixed.</summary>
    private async Task<bool> NeedsConfigAsync(CancellationToken cancellationToken)
    {
        using var reader = await source.OpenAsync(BlobName.Config, cancellationToken);
        if (reader is null)
        {
            return false;
        }

        using var there = await AtTargetAsync(target.OpenAsync(BlobName.Config, cancellationToken));
        if (there is null)
        {
            return true;
        }

        if (there.Length != reader.Length || there.Length > LongestConfig)
        {
            throw AnotherVault();
        }

        var (ours, theirs) = (new byte[reader.Length], new byte[there.Length]);
        await reader.ReadAsync(0, ours, cancellationToken);
        await AtTargetAsync(there.ReadAsync(0, theirs, cancellationToken));
        return ours.AsSpan().SequenceEqual(theirs) ? false : throw AnotherVault();
    }

    private async Task CopyConfigAsync(CancellationToken cancellationToken)
    {
        using var reader = await source.OpenAsync(BlobName.Config, cancellationToken);
        if (reader is not null && await PutAsync(BlobName.Config, reader, cancellationToken) is null)
        {
            Interlocked.Increment(ref _copied);
            run.Done(1, reader.Length);
        }
    }

    private static async Task<T> AtTargetAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        catch (BlobStoreException failure)
        {
            throw TransferException.Of(failure);
        }
    }

    private static TransferException AnotherVault() =>
        new("The bucket there belongs to another vault: its config differs. Choose another id for the bucket there.",
            "target_of_another_vault");
}

/// <summary>The result of a pass.</summary>
/// <param name="Copied">Number of files copied.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="Wrong">Files that failed verification on the target; the next pass copies them again.</param>
/// <param name="Bad">Files that cannot be copied, each with a line in the log.</param>
/// <param name="Removed">Files deleted on the target because they were deleted here.</param>
internal sealed record PassResult(int Copied, long Bytes, int Wrong, int Bad, int Removed)
{
    private const int FewFiles = 10;
    private const long FewBytes = 64L * 1024 * 1024;

    /// <summary>So little that writers can wait for the rest.</summary>
    public bool IsSmall => Copied <= FewFiles && Bytes <= FewBytes && Wrong == 0;

    public bool IsEmpty => Copied == 0 && Wrong == 0 && Removed == 0;
}
