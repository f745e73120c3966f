using Halley.Client.Repository;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>
/// Lets a Halley server read the packs of its bucket and compare them with their names, so that nothing is downloaded. Other servers cannot
/// do that. It finds what changed since a pack was written, but not what was wrong from the beginning, since the server has no key.
/// </summary>
/// <param name="server">The server, with the session or token of an administrator who may see the bucket.</param>
/// <param name="bucketId">The bucket.</param>
public sealed class ServerCheck(HalleyClient server, string bucketId)
{
    private const int Batch = 100;

    /// <summary>Verifies packs.</summary>
    /// <returns>Packs that the server could not judge, because they were being moved; they are left to the client.</returns>
    /// <exception cref="VaultException">The server refuses, or does not know such a request.</exception>
    internal async Task<List<BlobId>> RunAsync(
        IReadOnlyList<BlobId> packs, CheckFindings findings, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        var (left, done) = (new List<BlobId>(), 0);
        foreach (var batch in packs.Chunk(Batch))
        {
            var names = new VerifyFiles([.. batch.Select(pack => $"{BlobName.NameOf(BlobType.Data)}/{pack}")], Reread: true);
            var answer = await server.VerifyFilesAsync(bucketId, names, cancellationToken);
            if (!answer.TryGet(out var verified, out var refusal))
            {
                throw new VaultException(
                    VaultFault.Unsupported, $"{server.Host} did not check the files: {refusal.Detail} Check without the server.");
            }

            foreach (var (pack, file) in batch.Zip(verified.Items))
            {
                if (file.Result == RereadResult.Unsettled)
                {
                    left.Add(pack);
                }
                else
                {
                    Add(findings, pack, file);
                }

                onPack?.Invoke(++done, packs.Count);
            }
        }

        return left;
    }

    private static void Add(CheckFindings findings, BlobId pack, VerifiedFile file)
    {
        var name = BlobName.Of(BlobType.Data, pack.ToString());
        if (!file.Present && file.Result is null)
        {
            findings.Add(
                VaultFindingKind.MissingPack, name, $"{name} is missing. Get it from a copy of the vault, or run `halley repair`.");
        }
        else if (file.Result != RereadResult.Right)
        {
            findings.Add(
                VaultFindingKind.DamagedPack, name,
                $"{name} is damaged: its content is not what its name says. The server has put it into quarantine. "
                + "Get it from a copy of the vault, or run `halley repair`.");
        }
    }
}
