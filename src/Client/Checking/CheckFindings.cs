using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>Passes findings on and counts those that are damage. For all threads.</summary>
internal sealed class CheckFindings(Action<VaultFinding> onFinding)
{
    private readonly Lock _gate = new();

    public int Damages { get; private set; }

    public void Add(VaultFindingKind kind, BlobName? file, string message, BlobId? blob = null, BlobId? snapshot = null)
    {
        var finding = new VaultFinding(kind, file, blob, snapshot, message);
        lock (_gate)
        {
            Damages += finding.IsDamage ? 1 : 0;
            onFinding(finding);
        }
    }

    public void AddFile(VaultException error) => Add(VaultFindingKind.DamagedFile, error.File, error.Message, error.Blob);
}
