using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// Goes once over the bucket: copies what is missing on the other server and lets that read again what was not yet found right there. What the
/// list of snapshots named before the data was listed is complete there afterwards.
/// </summary>
internal sealed class TransferPass(
    OpenBucket source, TargetVault vault, TargetVerification verification, TransferJournal journal, TaskRun run, TimeProvider time)
{
    private const int AtATime = 4;
    private const int MostLines = 100;

    // What others point to comes first, so that nothing there ever points to what is missing.
    private static readonly BlobType[] Order =
        [BlobType.Data, BlobType.PackIndex, BlobType.Index, BlobType.Keys, BlobType.Config, BlobType.Locks, BlobType.Snapshots];

    private readonly Dictionary<BlobType, Dictionary<FileId, long>> _missing = [];
    private readonly List<(BlobName Name, long Length)> _unverified = [];
    private readonly List<BlobName> _gone = [];
    private int _copied;
    private long _bytes;
    private int _bad;

    /// <summary>Runs it.</summary>
    /// <param name="isLast">True when nobody writes here any more: then locks go along, and what was deleted here meanwhile goes there, too.</param>
    /// <param name="lost">Names that are absent here because a disk has spoilt them: they stay there.</param>
    /// <param name="exists">Whether the bucket is still there. Asked before anything is deleted: the files of a bucket that was deleted are not what is gone.</param>
    /// <param name="cancellationToken">Stops it between two blocks.</param>
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
            throw new TaskFailedException("The bucket was deleted while it was being transferred. What was copied stays on the other server. Cancel this task.");
        }

        run.ExpectMore(_missing.Values.Sum(type => (long)type.Count), _missing.Values.Sum(type => type.Values.Sum()));
        foreach (var type in Order)
        {
            await (type != BlobType.Config ? CopyAsync(type, cancellationToken) : needsConfig ? CopyConfigAsync(cancellationToken) : Task.CompletedTask);
        }

        var wrong = await verification.RunAsync(_unverified, cancellationToken);
        var gone = _gone.FindAll(name => !lost.Contains(name.ToString()));
        foreach (var name in gone)
        {
            await vault.DeleteAsync(name, cancellationToken);
            journal.Remove(name.Type, FileId.Parse(name.Id));
        }

        return new PassResult(_copied, _bytes, wrong, _bad, gone.Count);
    }

    private async Task CompareAsync(BlobType type, bool isLast, CancellationToken cancellationToken)
    {
        var here = new Dictionary<FileId, long>();
        await foreach (var entry in source.Store.ListAsync(type, cancellationToken))
        {
            here[FileId.Parse(entry.Id)] = entry.Length;
        }

        if (isLast)
        {
            _gone.AddRange(journal.Copied(type).Where(id => !here.ContainsKey(id)).Select(id => BlobName.Of(type, id.ToString())));
        }

        await vault.ListAsync(type, (id, length) =>
        {
            if (here.Remove(id, out var expected) && (length != expected || !journal.IsVerified(type, id)))
            {
                _unverified.Add((BlobName.Of(type, id.ToString()), length));
            }
        }, cancellationToken);
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
        using var reader = await source.Store.OpenAsync(name, cancellationToken);
        if (reader is null)
        {
            return; // deleted since the list was made
        }

        journal.AddCopied(type, id);
        if (await TryPutAsync(name, reader, cancellationToken) is { } problem)
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
        await run.Pace.SpendAsync(reader.Length, began, cancellationToken); // between files: an upload that is held up would be cut off
    }

    private async Task<string?> TryPutAsync(BlobName name, BlobReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.PutAsync(name, reader, cancellationToken) ? null : "its content is not what its name says";
        }
        catch (BlobStoreException failure) when (failure.Fault == BlobStoreFault.DiskError)
        {
            return failure.Message;
        }
    }

    /// <summary>True when the config is still missing there. Asked first: files of two vaults must not come together.</summary>
    private async Task<bool> NeedsConfigAsync(CancellationToken cancellationToken)
    {
        using var reader = await source.Store.OpenAsync(BlobName.Config, cancellationToken);
        if (reader is null)
        {
            return false;
        }

        if (await vault.ReadConfigAsync(cancellationToken) is not { } there)
        {
            return true;
        }

        var here = new byte[reader.Length];
        for (int at = 0, read = 1; at < here.Length && read > 0; at += read)
        {
            read = await reader.ReadAsync(at, here.AsMemory(at), cancellationToken);
        }

        return here.AsSpan().SequenceEqual(there)
            ? false
            : throw new TargetException("The bucket there belongs to another vault: its config differs. Choose another id for the bucket there.", "target_of_another_vault");
    }

    private async Task CopyConfigAsync(CancellationToken cancellationToken)
    {
        using var reader = await source.Store.OpenAsync(BlobName.Config, cancellationToken);
        if (reader is not null)
        {
            await vault.PutAsync(BlobName.Config, reader, cancellationToken);
            Interlocked.Increment(ref _copied);
            run.Done(1, reader.Length);
        }
    }
}

/// <summary>What a pass has done.</summary>
/// <param name="Copied">Files it has copied.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Wrong">Files that were not found right there; the next pass copies them again.</param>
/// <param name="Bad">Files that cannot be copied, each with a line in the log.</param>
/// <param name="Removed">Files that were deleted there since they were deleted here.</param>
internal sealed record PassResult(int Copied, long Bytes, int Wrong, int Bad, int Removed)
{
    private const int FewFiles = 10;
    private const long FewBytes = 64L * 1024 * 1024;

    /// <summary>So little that writers can wait for the rest.</summary>
    public bool IsSmall => Copied <= FewFiles && Bytes <= FewBytes && Wrong == 0;

    public bool IsEmpty => Copied == 0 && Wrong == 0 && Removed == 0;
}
