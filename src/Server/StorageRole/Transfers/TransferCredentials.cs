using System.Security.Cryptography;
using System.Text.Json;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The credential of a transfer on the other server: name and password, or a token.</summary>
internal sealed record TargetCredential(string? Username, string? Password, string? Token)
{
    public override string ToString() => nameof(TargetCredential); // never what is in it
}

/// <summary>A stored credential. It exists while the transfer of the bucket is unfinished.</summary>
internal sealed class TransferCredential
{
    public required string BucketId { get; init; }

    public required string Protected { get; set; }
}

internal sealed class TransferCredentialMapping : IEntityTypeConfiguration<TransferCredential>
{
    public void Configure(EntityTypeBuilder<TransferCredential> builder)
    {
        builder.ToTable("TransferCredentials");
        builder.HasKey(credential => credential.BucketId);
        builder.Property(credential => credential.BucketId).HasMaxLength(BucketId.MaximumLength);
        builder.HasOne<Bucket>().WithMany().HasForeignKey(credential => credential.BucketId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>Keeps the credentials of unfinished transfers, encrypted, so that transfers continue after a restart.</summary>
internal sealed class TransferCredentials(IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.StorageRole.TransferCredential");

    public async Task KeepAsync(string bucketId, TargetCredential credential, CancellationToken cancellationToken)
    {
        await ForgetAsync(bucketId, cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var text = JsonSerializer.Serialize(credential, JsonSerializerOptions.Web);
        database.Add(new TransferCredential { BucketId = bucketId, Protected = _protector.CreateProtector(bucketId).Protect(text) });
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Null when none is stored, or when it can no longer be decrypted, as after the loss of the server's keys.</summary>
    public async Task<TargetCredential?> FindAsync(string bucketId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<TransferCredential>()
            .AsNoTracking().FirstOrDefaultAsync(one => one.BucketId == bucketId, cancellationToken) is not { } stored)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<TargetCredential>(
                _protector.CreateProtector(bucketId).Unprotect(stored.Protected), JsonSerializerOptions.Web);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public async Task ForgetAsync(string bucketId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<TransferCredential>().Where(one => one.BucketId == bucketId).ExecuteDeleteAsync(cancellationToken);
    }
}
