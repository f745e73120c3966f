namespace Halley.Storage.Disk;

/// <summary>
/// A vault in one directory of one disk, in the layout of a local restic repository. It needs no marker and no other volume, and creates
/// nothing before the first upload. A directory that does not exist is an empty vault. A read-only directory can still be read.
/// </summary>
public sealed class DiskBlobStore : IBlobStore
{
    // Other processes may be uploading to the same directory, so only files untouched for this long count as leftovers of a crash.
    private static readonly TimeSpan LeftAfter = TimeSpan.FromDays(1);

    private readonly VaultDirectory _vault;
    private readonly Lock _configGate = new();
    private readonly Lazy<bool> _folders;

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">Absolute path of the vault.</param>
    /// <param name="flush">How durable an acknowledged upload is.</param>
    public DiskBlobStore(string directory, FlushPolicy flush = FlushPolicy.Full)
        : this(DiskCalls.Real, directory, flush)
    {
    }

    internal DiskBlobStore(DiskCalls disk, string directory, FlushPolicy flush)
    {
        var staging = Path.Combine(directory, StagingDirectory.Name);
        var quarantine = Path.Combine(directory, VolumeLayout.Quarantine);
        var trash = Path.Combine(directory, VolumeLayout.Trash);
        _vault = new VaultDirectory(disk, flush, new VaultPaths(directory, directory, staging, quarantine, trash));
        _folders = new Lazy<bool>(
            () =>
            {
                DurableDirectory.Create(disk, flush, staging);
                DurableDirectory.Create(disk, flush, quarantine);
                StagingDirectory.Sweep(disk, staging, LeftAfter);
                return true;
            },
            LazyThreadSafetyMode.PublicationOnly); // a failure is not kept: the next upload tries again
    }

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Try(name, static (vault, name) => vault.Length(name)));
    }

    /// <inheritdoc/>
    public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<BlobReader?>(Try(name, static (vault, name) => vault.Open(name)));
    }

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Try(_folders, static (_, folders) => folders.Value);
        using var upload = new BlobUpload(name, length, new OnlyHere(_vault, _configGate));
        return await upload.RunAsync(content, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Try(name, static (vault, name) => vault.Delete(name)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        VaultDirectory.PartsOf(type).SelectMany(part => ReadPart(type, part, cancellationToken)).ToAsyncEnumerable();

    private List<BlobEntry> ReadPart(BlobType type, string part, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Try(part, (vault, part) => vault.Files(type, part).ToList());
    }

    private TResult Try<TArgument, TResult>(TArgument argument, Func<VaultDirectory, TArgument, TResult> action)
    {
        try
        {
            return action(_vault, argument);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "The disk reported an error.", error);
        }
    }

    private sealed class OnlyHere(VaultDirectory vault, Lock configGate) : IUploadPlacement
    {
        public Lock ConfigGate => configGate;

        public VaultDirectory? Next(Exception? failure) => failure is null ? vault : null;

        public bool TryCover(long bytes) => true; // the disk says when it is full

        public PutOutcome Shortage => PutOutcome.NoSpace;

        public IReadOnlyList<BlobCopy> CopiesOf(BlobName name) => vault.Length(name) is { } length ? [new(vault, length)] : [];
    }
}
