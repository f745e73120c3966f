using Halley.Protocol.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Events;

/// <summary>
/// A stored event, for the audit log, the event stream and webhooks. It is saved together with the change it describes, so neither exists
/// without the other: <c>database.Add(EventRecord.Of(…))</c>.
/// </summary>
internal sealed class EventRecord
{
    public const int LongestName = 255;

    /// <summary>Increases with every event; readers continue from the last one they saw.</summary>
    public long Sequence { get; set; }

    public DateTime At { get; set; }

    public StreamableEventType Type { get; set; }

    /// <summary>Name of the caller; empty for the server itself.</summary>
    public required string Actor { get; set; }

    /// <summary>The organization that the event belongs to; empty for the top level.</summary>
    public required string OrganizationId { get; set; }

    /// <summary>The resource that changed: a username, a device, a job, a bucket, ….</summary>
    public required string ResourceId { get; set; }

    /// <summary>JSON whose shape depends on the type; null if there is none. Never contains a secret.</summary>
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
