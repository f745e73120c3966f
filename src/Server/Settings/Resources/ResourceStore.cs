using System.Security.Cryptography;
using Halley.Server.Access;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Settings.Resources;

/// <summary>
/// Files that settings refer to as <c>resource://{hash}</c>. A file is uploaded before the settings refer to it, so an unreferenced file is
/// kept for a day and then deleted.
/// </summary>
internal sealed class ResourceStore(IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    public const int LargestFile = 10 * 1024 * 1024;
    private const string Prefix = "resource://";
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Stores a file and returns its hash. Uploading the same file again returns the same resource and restarts its day.</summary>
    public async Task<Outcome<string>> AddAsync(Caller caller, Stream file, long length, CancellationToken cancellationToken)
    {
        if (length is 0 or > LargestFile)
        {
            return Refusal.Invalid("resource_size_invalid", "The uploaded file must have 1 byte to 10 MiB.");
        }

        // A small file, which the database stores as a whole.
        var content = new byte[length];
        await file.ReadExactlyAsync(content, cancellationToken);
        var organizationId = caller.OrganizationId;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await TouchAsync(database, hash, organizationId, now, cancellationToken))
        {
            return hash;
        }

        database.Add(new StoredResource { Hash = hash, OrganizationId = organizationId, UploadedAt = now, Content = content });
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            // Another request uploaded the same file at the same time.
        }

        return hash;
    }

    /// <summary>The hash in a reference to a resource, or the text itself if it is no reference.</summary>
    public static string HashOf(string reference) =>
        reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference;

    /// <summary>The media type of an image that pages may show; null for all others. Only kinds that cannot carry a script.</summary>
    public static string? ImageTypeOf(ReadOnlySpan<byte> content) => content switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [0, 0, 1, 0, ..] => "image/x-icon",
        _ => null,
    };

    /// <summary>
    /// The bytes of a resource; null if there is none, or it belongs to another organization. The top level (null) sees all.
    /// </summary>
    public async Task<byte[]?> FindAsync(string hash, string? organizationId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredResource>()
            .Where(resource => resource.Hash == hash && (organizationId == null || resource.OrganizationId == organizationId))
            .Select(resource => resource.Content).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Deletes resources that are older than a day and not referenced by any of the documents.</summary>
    public async Task PruneAsync(IReadOnlyCollection<string> documents, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime - Grace;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var old = await database.Set<StoredResource>().Where(resource => resource.UploadedAt < oldest)
            .Select(resource => resource.Hash).Distinct().ToListAsync(cancellationToken);
        foreach (var hash in old.Where(hash => !documents.Any(document => document.Contains(Prefix + hash, StringComparison.Ordinal))))
        {
            await database.Set<StoredResource>().Where(resource => resource.Hash == hash && resource.UploadedAt < oldest)
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static async Task<bool> TouchAsync(
        ServerDbContext database, string hash, string organizationId, DateTime now, CancellationToken cancellationToken) =>
        await database.Set<StoredResource>().Where(resource => resource.Hash == hash && resource.OrganizationId == organizationId)
            .ExecuteUpdateAsync(set => set.SetProperty(resource => resource.UploadedAt, now), cancellationToken) > 0;
}
