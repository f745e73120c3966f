using System.Security.Cryptography;
using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>Sets damaged files aside: first a copy, then the file goes.</summary>
internal sealed class AsideFiles(Vault vault, IBlobStore? aside)
{
    /// <summary>Copies a file, under the SHA-256 of what it holds now.</summary>
    /// <returns>The file with the name of its copy.</returns>
    public async Task<DamagedFile> CopyAsync(DamagedFile file, CancellationToken cancellationToken)
    {
        if (aside is null)
        {
            return file;
        }

        using var reader = await vault.Store.OpenAsync(file.File, cancellationToken);
        if (reader is null)
        {
            return file;
        }

        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (long offset = 0; offset < reader.Length;)
        {
            var read = await reader.ReadAsync(offset, buffer, cancellationToken);
            if (read == 0)
            {
                break;
            }

            sha.AppendData(buffer.AsSpan(0, read));
            offset += read;
        }

        var name = BlobName.Of(file.File.Type, Convert.ToHexStringLower(sha.GetHashAndReset()));
        await using var content = new BlobReaderStream(reader);
        var result = await aside.PutAsync(name, content, null, cancellationToken);
        return result.Outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent
            ? file with { KeptAs = name }
            : throw new VaultException(
                VaultFault.NotStored, file.File,
                $"{file.File} could not be set aside ({result.Outcome}), so it was left where it is. Make room, then start again.");
    }

    /// <summary>Copies a file and deletes it.</summary>
    public async Task<DamagedFile> MoveAsync(DamagedFile file, CancellationToken cancellationToken)
    {
        var copied = await CopyAsync(file, cancellationToken);
        await vault.DeleteAsync(file.File, cancellationToken);
        return copied;
    }
}
