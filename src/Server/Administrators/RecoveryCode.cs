using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators;

/// <summary>A code that replaces the authenticator app once. It has 80 random bits, of which only the SHA-256 is kept.</summary>
internal sealed class RecoveryCode
{
    public Guid AdministratorId { get; set; }

    public required byte[] Hash { get; set; }
}

internal sealed class RecoveryCodeMapping : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> builder)
    {
        builder.ToTable("AdministratorRecoveryCodes");
        builder.HasKey(code => new { code.AdministratorId, code.Hash });
        builder.Property(code => code.Hash).HasMaxLength(32);
        builder.HasOne<Administrator>().WithMany().HasForeignKey(code => code.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
