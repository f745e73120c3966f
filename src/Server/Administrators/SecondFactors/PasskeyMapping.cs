using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Administrators.SecondFactors;

/// <summary>Passkeys of administrators, in the shape of the framework's store.</summary>
internal sealed class PasskeyMapping : IEntityTypeConfiguration<IdentityUserPasskey<Guid>>
{
    private const int LongestCredentialId = 1024;

    public void Configure(EntityTypeBuilder<IdentityUserPasskey<Guid>> builder)
    {
        builder.ToTable("AdministratorPasskeys");
        builder.HasKey(passkey => passkey.CredentialId);
        builder.Property(passkey => passkey.CredentialId).HasMaxLength(LongestCredentialId);
        builder.OwnsOne(passkey => passkey.Data).ToJson();
        builder.HasOne<Administrator>().WithMany().HasForeignKey(passkey => passkey.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
