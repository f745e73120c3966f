using Halley.Protocol.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Events;

/// <summary>
/// Something that happened, as it is stored: the audit log, and what the event stream and webhooks tell. It is added to the same save as
/// the change it tells of, so that there is never one without the other: <c>database.Add(EventRecord.Of(…))</c>.
/// </summary>
internal sealed class EventRecord
{
    public const int LongestName = 255;

    /// <summary>Rises with every event; readers catch up from the last one they saw.</summary>
    public long Sequence { get; set; }

    public DateTime At { get; set; }

    public StreamableEventType Type { get; set; }

    /// <summary>Name of who did it; empty for the server itself.</summary>
    public required string Actor { get; set; }

    /// <summary>Tenant it belongs to; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    /// <summary>What it happened to: a username, a device, a job, a bucket, ….</summary>
    public required string ResourceId { get; set; }

    /// <summary>JSON whose shape depends on the type; null when there is none. Never a secret.</summary>
    public string? Data { get; set; }

    public static EventRecord Of(
        StreamableEventType type, DateTimeOffset at, string actor, string organizationId, string resourceId, string? data = null) =>
        new()
        {
            At = at.UtcDateTime,
            Type = type,
            Actor = actor,
            OrganizationId = organizationId,
            ResourceId = resourceId,
            Data = data,
        };
}

internal sealed class EventRecordMapping : IEntityTypeConfiguration<EventRecord>
{
    public void Configure(EntityTypeBuilder<EventRecord> builder)
    {
        builder.ToTable("Events");
        builder.HasKey(record => record.Sequence);
        builder.Property(record => record.Actor).HasMaxLength(EventRecord.LongestName);
        builder.Property(record => record.OrganizationId).HasMaxLength(64);
        builder.Property(record => record.ResourceId).HasMaxLength(EventRecord.LongestName);
        builder.HasIndex(record => record.At);
        builder.HasIndex(record => new { record.OrganizationId, record.Sequence });
    }
}
