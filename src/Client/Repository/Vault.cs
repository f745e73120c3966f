using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Files;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.KeyFiles;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Storage;

namespace Halley.Client.Repository;

/// <summary>
/// An open vault: a restic repository, on any store. All data that it returns was verified against authenticator and SHA-256. Members may
/// be called from several threads at once. Dispose erases the master key; no call may be running then.
/// </summary>
public sealed class Vault : IDisposable
{
    private readonly VaultKey _key;
    private readonly CodecPool _codecs;
    private readonly VaultFiles _files;
    private readonly BlobLoader _blobs;
    private readonly MetadataCache? _cache;

    private Vault(IBlobStore store, VaultConfig config, VaultKey key, BlobId keyFile, VaultOptions options)
    {
        (Store, Config, Options, _key) = (store, config, options, key);
        _cache = options.Cache is { } cache ? MetadataCache.TryOpen(cache, config.Id, options.Time, options.Notice) : null;
        _codecs = new CodecPool(key, CompressionLevel);
        _files = new VaultFiles(store, _cache, _codecs);
        _blobs = new BlobLoader(store, _cache, _codecs);
        Keys = new VaultKeyFiles(_files, key, keyFile, options);
        Snapshots = new VaultSnapshots(_files, _cache);
        PackIndexes = new PackIndexFiles(_files, _cache);
    }

    /// <summary>Where the files are.</summary>
    public IBlobStore Store { get; }

    /// <summary>The settings that were fixed when the vault was created.</summary>
    public VaultConfig Config { get; }

    /// <summary>How it is worked with.</summary>
    public VaultOptions Options { get; }

    /// <summary>The passwords.</summary>
    public VaultKeyFiles Keys { get; }

    /// <summary>The backups.</summary>
    public VaultSnapshots Snapshots { get; }

    /// <summary>Which packs each snapshot needs; only to save time.</summary>
    public PackIndexFiles PackIndexes { get; }

    private int? CompressionLevel => Config.Version >= 2 && Options.CompressionLevel > 0 ? Options.CompressionLevel : null;

    /// <summary>Opens a vault.</summary>
    /// <param name="store">Its store.</param>
    /// <param name="password">One of its passwords: of a person, or the 32 hex digits of an E-key. The caller erases it.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">The store has no vault, the password is wrong, or config is damaged or too new.</exception>
    /// <exception cref="BlobStoreException">The store fails.</exception>
    public static async ValueTask<Vault> OpenAsync(
        IBlobStore store, ReadOnlyMemory<char> password, VaultOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new VaultOptions();
        if (await StoredFile.TryReadAsync(store, BlobName.Config, VaultFormat.LongestSmallFile, cancellationToken) is not { } sealedConfig)
        {
            throw new VaultException(VaultFault.NoVault, "There is no vault here. Check the address, or make one with `halley init`.");
        }

        var (file, key) = await VaultKeyFiles.OpenAsync(store, password, options.KeyHint, cancellationToken);
        try
        {
            using var decoder = new BlobDecoder(key);
            return decoder.TryOpen(sealedConfig, out var text)
                ? new Vault(store, VaultConfig.Parse(text.Span), key, file, options)
                : throw VaultException.Damaged(BlobName.Config, "it is not sealed with this vault's key");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Creates a vault of format 2 in a store that has none, and opens it.</summary>
    /// <param name="store">Its store.</param>
    /// <param name="password">Its first password; not empty. The caller erases it.</param>
    /// <param name="parameters">The amount of work for the password; null measures this machine.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels. The vault may already have been created.</param>
    /// <exception cref="VaultException">The store already has a vault, or is full.</exception>
    /// <exception cref="BlobStoreException">The store fails.</exception>
    public static async ValueTask<Vault> CreateAsync(
        IBlobStore store, ReadOnlyMemory<char> password, ScryptParameters? parameters, VaultOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return await CreateAsync(store, VaultConfig.Create(), password, parameters, options ?? new VaultOptions(), cancellationToken);
    }

    /// <summary>
    /// Creates a vault with a given config: for one that is to share chunks with another, and for tests. Config is written last, so that an
    /// interrupted creation leaves no vault, and a retry works.
    /// </summary>
    internal static async ValueTask<Vault> CreateAsync(
        IBlobStore store, VaultConfig config, ReadOnlyMemory<char> password, ScryptParameters? parameters, VaultOptions options,
        CancellationToken cancellationToken)
    {
        if (await store.FindAsync(BlobName.Config, cancellationToken) is not null)
        {
            throw new VaultException(VaultFault.VaultExists, BlobName.Config, "There is a vault already, so no new one is made over it.");
        }

        // A key file that an interrupted creation left would open before a second one of the same password, with another master key.
        var left = await VaultKeyFiles.TryOpenAsync(store, password, cancellationToken);
        var key = left?.Master ?? VaultKey.CreateRandom();
        try
        {
            using var codecs = new CodecPool(key, compressionLevel: null);
            var files = new VaultFiles(store, cache: null, codecs);
            var keyFile = left?.File
                ?? await new VaultKeyFiles(files, key, default, options).AddAsync(password, parameters, cancellationToken);
            var text = config.ToJson();
            var sealedConfig = new byte[text.Length + VaultKey.Overhead];
            key.Seal(text, sealedConfig);
            await files.PutAsync(BlobName.Config, new MemoryStream(sealedConfig, writable: false), sealedConfig.Length, cancellationToken);
            return new Vault(store, config, key, keyFile, options);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Loads all index files. A reader lists the snapshots first and loads the index after it. In the opposite order, a backup that ends in
    /// between could refer to an index file that was not loaded.
    /// </summary>
    /// <exception cref="VaultException">An index file is damaged.</exception>
    public ValueTask<VaultIndex> LoadIndexAsync(CancellationToken cancellationToken) =>
        LoadIndexAsync(onDamage: static error => throw error, cancellationToken);

    /// <summary>Loads the readable index files.</summary>
    /// <param name="onDamage">Receives the error of each unreadable file; throws to stop.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public ValueTask<VaultIndex> LoadIndexAsync(Action<VaultException> onDamage, CancellationToken cancellationToken) =>
        LoadIndexAsync(onDamage, accepts: null, cancellationToken);

    /// <summary>Loads the readable index files without packs that are not accepted.</summary>
    internal ValueTask<VaultIndex> LoadIndexAsync(
        Action<VaultException> onDamage, Func<BlobId, bool>? accepts, CancellationToken cancellationToken) =>
        IndexLoader.LoadAsync(_files, _cache, Options.Connections, onDamage, accepts, cancellationToken);

    /// <summary>
    /// Takes a lock on the vault, one at a time for each <see cref="Vault"/>. While it is taken, each change of the store first makes sure
    /// that it is still held. Disposing of it releases it.
    /// </summary>
    /// <param name="isExclusive">True for sole access, as check, prune and the like need; false beside other backups and restores.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public ValueTask<LockOutcome> LockAsync(bool isExclusive, CancellationToken cancellationToken) =>
        VaultLock.AcquireAsync(_files, Options, isExclusive, cancellationToken);

    /// <summary>Locks of others and of this process, the stale ones as well.</summary>
    public ValueTask<IReadOnlyList<LockEntry>> ListLocksAsync(CancellationToken cancellationToken) =>
        LockFiles.ListAsync(_files, cancellationToken);

    /// <summary>Removes locks that have no owner any more.</summary>
    /// <param name="all">True for all locks: only when it is certain that no other program works on the vault.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The locks that were removed.</returns>
    public ValueTask<IReadOnlyList<LockEntry>> RemoveLocksAsync(bool all, CancellationToken cancellationToken) =>
        LockFiles.RemoveAsync(_files, Options, all, cancellationToken);

    /// <summary>
    /// Replaces index files so that they name exactly the packs that stay. Call it after a prune, before the other packs are deleted, and
    /// after finding packs that no index names. Needs an exclusive lock. Load the index again afterwards.
    /// </summary>
    /// <param name="index">The loaded index, with all packs that were found since (<see cref="VaultIndex.AddPack"/>).</param>
    /// <param name="stays">Whether a pack stays in the index.</param>
    /// <param name="bad">Index files that are to be replaced in any case: unreadable ones, and those that say something wrong.</param>
    /// <param name="cancellationToken">Cancels; files already written are valid.</param>
    /// <returns>False when nothing had to be done.</returns>
    public ValueTask<bool> RewriteIndexAsync(
        VaultIndex index, Func<BlobId, bool> stays, IReadOnlyCollection<BlobId> bad, CancellationToken cancellationToken) =>
        IndexRewrite.RunAsync(_files, index, stays, bad, Options.Time, cancellationToken);

    /// <summary>Collects index files for packs that are on the store.</summary>
    public IndexWriter CreateIndexWriter(VaultIndex index) => new(_files, index, Options.Time);

    /// <summary>Stores new blobs. One is enough for any number of workers.</summary>
    public PackWriter CreatePackWriter(VaultIndex index) => new(_files, _key, index, CreateIndexWriter(index), _cache, Options);

    /// <summary>A chunker for one worker, which cuts files as this vault wants it.</summary>
    /// <exception cref="VaultException">The vault wants files to be cut in a way that this program lacks.</exception>
    public Chunker CreateChunker() => Config.HasForeignChunker
        ? throw new VaultException(
            VaultFault.Unsupported, BlobName.Config,
            "Another program decided how files are cut in this vault. Back up with that program; everything else works here.")
        : new Chunker(Config.Polynomial);

    /// <summary>An encoder for one worker.</summary>
    public BlobEncoder CreateEncoder() => new(_key, CompressionLevel, Options.VerifyBlobs);

    /// <summary>A decoder for one worker.</summary>
    public BlobDecoder CreateDecoder() => new(_key);

    /// <summary>The plain text of a blob.</summary>
    /// <exception cref="VaultException">No index names it, or it is damaged in every pack that holds it.</exception>
    public ValueTask<byte[]> ReadBlobAsync(VaultIndex index, BlobKind kind, BlobId id, CancellationToken cancellationToken) =>
        _blobs.ReadAsync(index, kind, id, cancellationToken);

    /// <summary>A directory.</summary>
    /// <exception cref="VaultException">No index names it, or it is damaged in every pack that holds it.</exception>
    public async ValueTask<Tree> ReadTreeAsync(VaultIndex index, BlobId id, CancellationToken cancellationToken) =>
        new(id, await ReadBlobAsync(index, BlobKind.Tree, id, cancellationToken));

    /// <summary>Opens a pack on the store; null when it does not exist.</summary>
    public ValueTask<PackReader?> OpenPackAsync(BlobId pack, CancellationToken cancellationToken) =>
        _blobs.TryOpenAsync(pack, cancellationToken);

    /// <summary>Deletes a file of the vault; false when it was already gone. The caller must know that nothing needs it.</summary>
    public ValueTask<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken) => _files.DeleteAsync(name, cancellationToken);

    /// <summary>Keeps the local cache within its limit. For the end of a run.</summary>
    public void TrimCache() => _cache?.Trim();

    /// <summary>Erases the master key.</summary>
    public void Dispose()
    {
        _blobs.Dispose();
        _codecs.Dispose();
        _key.Dispose();
    }
}
