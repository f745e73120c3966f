using Halley.Storage.Spanning;

namespace Halley.Storage.Disk;

/// <summary>A vault in one directory of one disk, in the layout of a local restic repository. Needs no marker and no other volume.</summary>
public sealed class DiskBlobStore : IBlobStore
{
    private readonly VaultDirectory _vault;
    private readonly Lock _configGate = new();

    /// <summary>Opens a directory, which is made when it does not exist.</summary>
    /// <param name="directory">Absolute path of the vault.</param>
    /// <param name="flush">What an acknowledged upload promises.</param>
    public DiskBlobStore(string directory, FlushPolicy flush = FlushPolicy.Full)
        : this(DiskCalls.Real, directory, flush)
    {
    }

    internal DiskBlobStore(DiskCalls disk, string directory, FlushPolicy flush)
    {
        var staging = Path.Combine(directory, StagingDirectory.Name);
        var quarantine = Path.Combine(directory, VolumeLayout.Quarantine);
        DurableDirectory.Create(disk, flush, staging);
        DurableDirectory.Create(disk, flush, quarantine);
        _vault = new VaultDirectory(disk, flush, new VaultPaths(directory, directory, staging, quarantine, Path.Combine(directory, VolumeLayout.Trash)));
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

        public IReadOnlyList<BlobCopy> CopiesOf(BlobName name) => vault.Length(name) is { } length ? [new(vault, length)] : [];
    }
}
