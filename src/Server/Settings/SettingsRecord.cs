using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Settings;

/// <summary>The stored live settings: one row. The document is encrypted because it contains passwords of other servers.</summary>
internal sealed class SettingsRecord
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    /// <summary>Counts the changes, so that concurrent changes don't overwrite each other and other instances notice them.</summary>
    public long Version { get; set; }

    public DateTime ChangedAt { get; set; }

    public required byte[] Document { get; set; }
}

internal sealed class SettingsRecordMapping : IEntityTypeConfiguration<SettingsRecord>
{
    public void Configure(EntityTypeBuilder<SettingsRecord> builder)
    {
        builder.ToTable("Settings");
        builder.Property(record => record.Id).ValueGeneratedNever();
        builder.Property(record => record.Version).IsConcurrencyToken();
    }
}
