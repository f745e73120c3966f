namespace Halley.Server.StorageRole.Vault;

/// <summary>Ends uploads without progress.</summary>
internal sealed class StalledUploadsWork(OpenUploads uploads)
{
    public Task RunOnceAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        uploads.EndStalled();
        return Task.CompletedTask;
    }
}
