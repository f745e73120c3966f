using Halley.Protocol;
using Halley.Server.StorageRole.Verification;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Volumes;

/// <summary>A volume that an administrator added. Its content is read from its disk, never from the database.</summary>
internal sealed class VolumeRecord
{
    public required Guid Id { get; init; }

    public required string Path { get; set; }

    public VolumeMode Mode { get; set; }

    public required DateTime AddedAt { get; init; }

    /// <summary>Bytes and files in buckets on it, as last measured.</summary>
    public long? Bytes { get; set; }

    public long? Files { get; set; }

    public DateTime? MeasuredAt { get; set; }

    /// <summary>Bytes and files that were deleted on it and are held, as last measured.</summary>
    public long? TrashBytes { get; set; }

    public long? TrashFiles { get; set; }

    public VolumeInfo ToWire(Volume volume, DateTime? verifiedAt)
    {
        var (free, total, reserve) = ReadSpace(volume, out var problem);
        return new VolumeInfo(
            Id, Path, Mode, volume.Problem is null, problem ?? volume.WriteProblem, total, free, reserve, Bytes, Files, MeasuredAt, AddedAt,
            TrashBytes, TrashFiles, verifiedAt);
    }

    private static (long Free, long Total, long Reserve) ReadSpace(Volume volume, out string? problem)
    {
        try
        {
            problem = null;
            return volume.ReadSpace();
        }
        catch (Storage.BlobStoreException error)
        {
            problem = volume.Problem ?? error.Message;
            return default;
        }
    }
}

internal sealed class VolumeRecordConfiguration : IEntityTypeConfiguration<VolumeRecord>
{
    public void Configure(EntityTypeBuilder<VolumeRecord> builder)
    {
        builder.ToTable("Volumes");
        builder.Property(volume => volume.Path).HasMaxLength(4096);
        builder.HasIndex(volume => volume.Path).IsUnique();
        builder.HasMany<ScrubRecord>().WithOne().HasForeignKey(record => record.VolumeId).OnDelete(DeleteBehavior.Cascade);
    }
}
