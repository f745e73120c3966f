using Halley.Client.Repository.Files;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Repository.Caching;

/// <summary>Where local copies are kept and how much room they may take.</summary>
/// <param name="Directory">A directory of its own for all vaults; created when it is missing.</param>
/// <param name="SizeLimit">Bytes that the copies of one vault may take; those not used for the longest time go first.</param>
public sealed record MetadataCacheOptions(string Directory, long SizeLimit = MetadataCacheOptions.DefaultSizeLimit)
{
    /// <summary>1 GiB: the metadata of some terabytes.</summary>
    public const long DefaultSizeLimit = 1L << 30;
}

/// <summary>
/// Local copies of the files that are read again and again: index files, snapshots, packindexes, and packs of trees. They are encrypted
/// as on the store. Nothing depends on them. Each copy is verified when it is read; a wrong or missing copy is read from the store again.
/// </summary>
/// <remarks>
/// The copies are a vault of their own in <c>{directory}/{id of the vault}</c>, so several processes may use them at once: a copy appears
/// whole or not at all. Its modification time is the time of its last use.
/// </remarks>
internal sealed class MetadataCache
{
    private const int LongestTreePack = 256 << 20;

    // Reading sets the time of a copy only when the one it has is older, which saves a write for most reads.
    private static readonly TimeSpan TimeStep = TimeSpan.FromHours(1);

    private readonly string _directory;
    private readonly long _limit;
    private readonly TimeProvider _time;
    private readonly DiskBlobStore _copies;

    private MetadataCache(string directory, long limit, TimeProvider time)
    {
        (_directory, _limit, _time) = (directory, limit, time);
        _copies = new DiskBlobStore(directory, FlushPolicy.None);
    }

    /// <summary>Opens the copies of a vault; null when the directory cannot be used, since a cache is no reason to fail.</summary>
    public static MetadataCache? TryOpen(MetadataCacheOptions options, BlobId vault, TimeProvider time, Action<string>? notice)
    {
        var directory = Path.Combine(Path.GetFullPath(options.Directory), vault.ToString());
        try
        {
            Directory.CreateDirectory(directory);
            return new MetadataCache(directory, options.SizeLimit, time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            notice?.Invoke($"The cache {directory} cannot be used: {error.Message}");
            return null;
        }
    }

    /// <summary>
    /// True for the collections whose files are kept whenever they are read or written. Packs are kept when they hold trees.
    /// </summary>
    public static bool Keeps(BlobType type) => type is BlobType.Index or BlobType.Snapshots or BlobType.PackIndex;

    /// <summary>The verified bytes of a copy; null when no valid copy exists.</summary>
    public async ValueTask<byte[]?> TryReadAsync(BlobName name, int limit, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await StoredFile.TryReadAsync(_copies, name, limit, cancellationToken);
            if (bytes is not null)
            {
                Touch(name);
            }

            return bytes;
        }
        catch (Exception error) when (error is VaultException or IOException)
        {
            await ForgetAsync(name, cancellationToken);
            return null;
        }
    }

    /// <summary>Opens the copy of a pack, whose blobs the reader verifies one by one; null when no copy exists.</summary>
    public async ValueTask<BlobReader?> TryOpenPackAsync(BlobName name, CancellationToken cancellationToken)
    {
        try
        {
            var reader = await _copies.OpenAsync(name, cancellationToken);
            if (reader is not null)
            {
                Touch(name);
            }

            return reader;
        }
        catch (BlobStoreException)
        {
            return null; // the store has it
        }
    }

    /// <summary>Keeps a copy.</summary>
    public ValueTask KeepAsync(BlobName name, byte[] bytes, CancellationToken cancellationToken) =>
        KeepAsync(name, new MemoryStream(bytes, writable: false), bytes.Length, cancellationToken);

    /// <summary>Keeps a copy. That the disk is full or fails is no error.</summary>
    public async ValueTask KeepAsync(BlobName name, Stream content, long length, CancellationToken cancellationToken)
    {
        try
        {
            await _copies.PutAsync(name, content, length, cancellationToken);
        }
        catch (IOException)
        {
            // The next read goes to the store.
        }
    }

    /// <summary>Keeps a copy of a whole pack, read from the store; returns a reader of the copy, or null when there is none.</summary>
    public async ValueTask<BlobReader?> TryKeepPackAsync(BlobName name, BlobReader pack, CancellationToken cancellationToken)
    {
        if (pack.Length > Math.Min(LongestTreePack, _limit))
        {
            return null;
        }

        var bytes = new byte[pack.Length];
        await StoredFile.ReadExactlyAsync(pack, name, 0, bytes, cancellationToken);
        await KeepAsync(name, bytes, cancellationToken);
        return await TryOpenPackAsync(name, cancellationToken);
    }

    /// <summary>Deletes a copy.</summary>
    public async ValueTask ForgetAsync(BlobName name, CancellationToken cancellationToken)
    {
        try
        {
            await _copies.DeleteAsync(name, cancellationToken);
        }
        catch (BlobStoreException)
        {
            // It is verified whenever it is read.
        }
    }

    /// <summary>Deletes the copies of files that the store no longer has.</summary>
    /// <param name="type">A collection that is kept.</param>
    /// <param name="ids">All ids that the store has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask KeepOnlyAsync(BlobType type, IReadOnlySet<string> ids, CancellationToken cancellationToken)
    {
        await foreach (var copy in _copies.ListAsync(type, cancellationToken))
        {
            if (!ids.Contains(copy.Id))
            {
                await ForgetAsync(BlobName.Of(type, copy.Id), cancellationToken);
            }
        }
    }

    /// <summary>
    /// Deletes the copies that were not used for the longest time until the rest fits the limit. Returns the bytes that are left.
    /// </summary>
    public long Trim()
    {
        var total = 0L;
        foreach (var (path, length, _) in Copies().OrderByDescending(copy => copy.Used))
        {
            if (total + length > _limit && TryDelete(path))
            {
                continue;
            }

            total += length;
        }

        return total;
    }

    private List<(string Path, long Length, DateTime Used)> Copies()
    {
        var copies = new List<(string, long, DateTime)>();
        foreach (var type in BlobName.Collections)
        {
            var folder = new DirectoryInfo(Path.Combine(_directory, BlobName.NameOf(type)));
            foreach (var file in folder.Exists ? folder.EnumerateFiles("*", SearchOption.AllDirectories) : [])
            {
                try
                {
                    copies.Add((file.FullName, file.Length, file.LastWriteTimeUtc));
                }
                catch (FileNotFoundException)
                {
                    // Another process deleted it a moment ago.
                }
            }
        }

        return copies;
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // the next time, then
        }
    }

    private void Touch(BlobName name)
    {
        var path = name.Type == BlobType.Data
            ? Path.Combine(_directory, "data", name.Id[..2], name.Id)
            : Path.Combine(_directory, BlobName.NameOf(name.Type), name.Id);
        try
        {
            var now = _time.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(path) > TimeStep)
            {
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Then it seems older than it is.
        }
    }
}
