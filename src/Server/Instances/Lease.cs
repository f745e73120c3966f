using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Instances;

/// <summary>A kind of work that one of several instances does, and its present holder.</summary>
internal sealed class Lease
{
    public const int LongestName = 64;
    public const int LongestMachine = 255;

    public required string Name { get; set; }

    /// <summary>The <see cref="InstanceId"/> of the holder.</summary>
    public Guid Holder { get; set; }

    /// <summary>The name of the holder's machine, for people.</summary>
    public required string Machine { get; set; }

    /// <summary>UTC time, by the database's clock, until which no other instance may take the lease.</summary>
    public DateTime Until { get; set; }
}

internal sealed class LeaseMapping : IEntityTypeConfiguration<Lease>
{
    public void Configure(EntityTypeBuilder<Lease> builder)
    {
        builder.ToTable("Leases");
        builder.HasKey(lease => lease.Name);
        builder.Property(lease => lease.Name).HasMaxLength(Lease.LongestName);
        builder.Property(lease => lease.Machine).HasMaxLength(Lease.LongestMachine);
    }
}
