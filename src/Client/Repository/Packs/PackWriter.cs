using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Files;
using Halley.Client.Repository.Indexes;
using Halley.Storage;

namespace Halley.Client.Repository.Packs;

/// <summary>The totals that a writer has added to the vault.</summary>
/// <param name="DataBlobs">New data blobs.</param>
/// <param name="TreeBlobs">New tree blobs.</param>
/// <param name="PlainBytes">Size of their plain text, in bytes.</param>
/// <param name="PackedBytes">Their size in packs, in bytes.</param>
public readonly record struct PackStatistics(long DataBlobs, long TreeBlobs, long PlainBytes, long PackedBytes);

/// <summary>
/// Collects blobs in packs and stores the packs. Any number of workers save at once, each with an encoder of its own. The order makes a
/// crash safe: a pack is durable on the store before an index names it. <see cref="FinishAsync"/> returns only when all of that is done,
/// so that a snapshot may be written after it.
/// </summary>
/// <remarks>
/// Two packs of each kind are open, and each blob goes to one of them at random. An attacker therefore cannot recognise a known file from
/// the sizes of a pack's blobs alone.
/// </remarks>
public sealed class PackWriter : IAsyncDisposable
{
    private const int OpenPacks = 2;

    private readonly VaultFiles _files;
    private readonly VaultKey _key;
    private readonly VaultIndex _index;
    private readonly IndexWriter _indexWriter;
    private readonly MetadataCache? _cache;
    private readonly int _packSize;
    private readonly SemaphoreSlim _uploads;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<byte[]> _blocks = [];
    private readonly Lock _gate = new();
    private readonly PackBuffer?[] _open = new PackBuffer?[2 * OpenPacks];
    private readonly HashSet<Task> _running = [];
    private PackStatistics _statistics;
    private ExceptionDispatchInfo? _failure;

    internal PackWriter(
        VaultFiles files, VaultKey key, VaultIndex index, IndexWriter indexWriter, MetadataCache? cache, VaultOptions options)
    {
        (_files, _key, _index, _indexWriter, _cache) = (files, key, index, indexWriter, cache);
        _packSize = options.PackSize;
        _uploads = new SemaphoreSlim(options.Connections);
    }

    /// <summary>The totals added so far.</summary>
    public PackStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return _statistics;
            }
        }
    }

    /// <summary>Saves a blob unless the vault has it or another worker is saving it. Waits while too many uploads are running.</summary>
    /// <param name="kind">Data or tree.</param>
    /// <param name="id">SHA-256 of the plain text, which the caller has computed.</param>
    /// <param name="plain">The plain text; free for other use afterwards.</param>
    /// <param name="encoder">The worker's own.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when nothing had to be done.</returns>
    /// <exception cref="VaultException">It cannot be stored, or its verification failed. This writer can no longer be used.</exception>
    public async ValueTask<bool> SaveAsync(
        BlobKind kind, BlobId id, ReadOnlyMemory<byte> plain, BlobEncoder encoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (!_index.TryReserve(kind, id))
        {
            return false;
        }

        var isSaved = false;
        try
        {
            var blob = encoder.Encode(kind, id, plain.Span, out var sealedText);
            await AppendAsync(blob, sealedText, cancellationToken);
            isSaved = true;
        }
        finally
        {
            if (!isSaved)
            {
                _index.Release(kind, id);
            }
        }

        return true;
    }

    /// <summary>
    /// Saves a blob of this vault in the sealed form that it has in another pack, for repacking. The caller has decoded it, so it is known
    /// to be right. It is saved although the vault has it.
    /// </summary>
    public ValueTask CopyAsync(PackedBlob blob, ReadOnlyMemory<byte> sealedText, CancellationToken cancellationToken) =>
        AppendAsync(blob, sealedText, cancellationToken);

    /// <summary>Stores the blobs still in memory, waits for all packs, and writes the index of packs that no index names yet.</summary>
    /// <exception cref="VaultException">A pack or an index could not be stored.</exception>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var pack in TakeOpen())
        {
            await StartUploadAsync(pack, cancellationToken);
        }

        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken);
        ThrowIfFailed();
        await _indexWriter.FlushAsync(cancellationToken);
    }

    /// <summary>Discards everything not yet stored, and waits until no upload is running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        foreach (var pack in _open)
        {
            pack?.Dispose();
        }

        _stop.Dispose();
        _uploads.Dispose();
    }

    private async ValueTask AppendAsync(PackedBlob blob, ReadOnlyMemory<byte> sealedText, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        PackBuffer? full = null;
        lock (_gate)
        {
            Count(blob);
            var slot = ((int)blob.Kind * OpenPacks) + RandomNumberGenerator.GetInt32(OpenPacks);
            var pack = sealedText.Length >= _packSize
                ? new PackBuffer(blob.Kind, _blocks)
                : _open[slot] ??= new PackBuffer(blob.Kind, _blocks);
            pack.Append(blob, sealedText.Span);
            if (pack.Length >= _packSize || pack.Blobs.Count >= PackHeader.MostBlobs)
            {
                full = pack;
                _open[slot] = pack == _open[slot] ? null : _open[slot];
            }
        }

        if (full is not null)
        {
            await StartUploadAsync(full, cancellationToken);
        }
    }

    private void Count(in PackedBlob blob) => _statistics = new(
        _statistics.DataBlobs + (blob.Kind == BlobKind.Data ? 1 : 0),
        _statistics.TreeBlobs + (blob.Kind == BlobKind.Tree ? 1 : 0),
        _statistics.PlainBytes + blob.PlainLength,
        _statistics.PackedBytes + blob.Length + PackHeader.SizeOf(blob));

    // Two that are far from full become one.
    private List<PackBuffer> TakeOpen()
    {
        var packs = new List<PackBuffer>();
        lock (_gate)
        {
            foreach (var pack in _open.OfType<PackBuffer>())
            {
                var partner = packs.Find(other => other.Kind == pack.Kind);
                if (partner is null
                    || partner.Length + pack.Length > _packSize
                    || partner.Blobs.Count + pack.Blobs.Count > PackHeader.MostBlobs)
                {
                    packs.Add(pack);
                    continue;
                }

                partner.Append(pack);
                pack.Dispose();
            }

            Array.Clear(_open);
        }

        return packs;
    }

    private async ValueTask StartUploadAsync(PackBuffer pack, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            await _uploads.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            pack.Dispose();
            ThrowIfFailed();
            throw;
        }

        // Off the worker's thread: sealing, hashing and local stores take time without awaiting anything.
        var upload = Task.Run(() => UploadAsync(pack), CancellationToken.None);
        lock (_gate)
        {
            _running.Add(upload);
        }

        _ = upload.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task upload)
    {
        lock (_gate)
        {
            _running.Remove(upload);
        }
    }

    // Never fails as a task: the first failure is kept and thrown to the next caller.
    private async Task UploadAsync(PackBuffer pack)
    {
        try
        {
            using (pack)
            {
                var id = pack.Close(_key);
                var name = BlobName.Of(BlobType.Data, id.ToString());
                await _files.PutAsync(name, pack.OpenRead(), pack.Length, _stop.Token);
                if (pack.Kind == BlobKind.Tree && _cache is not null)
                {
                    await _cache.KeepAsync(name, pack.OpenRead(), pack.Length, _stop.Token);
                }

                await _indexWriter.AddAsync(_index.AddPack(id, [.. pack.Blobs]), _stop.Token);
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            await _stop.CancelAsync();
        }
        finally
        {
            _uploads.Release();
        }
    }

    private void ThrowIfFailed() => Volatile.Read(ref _failure)?.Throw();
}
