using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Settings;

/// <summary>The live settings as they are stored: one row, the document encrypted because it holds passwords of other servers.</summary>
internal sealed class SettingsRecord
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    /// <summary>Counts the changes, so that two at once do not overwrite each other and other instances notice.</summary>
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
