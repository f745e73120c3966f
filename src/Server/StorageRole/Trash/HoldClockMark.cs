using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Trash;

/// <summary>A span in which the server ran and its clock kept time. A new span begins when the clock jumps or the server was off.</summary>
internal sealed class HoldClockMark
{
    public long Id { get; set; }

    /// <summary>UTC time at which it began, by the server's clock.</summary>
    public DateTime From { get; init; }

    /// <summary>UTC time at which it ended or was last seen to last, stored every few minutes.</summary>
    public DateTime Until { get; set; }

    /// <summary>Ticks by which the clock is ahead of the time that the server has seen pass.</summary>
    public long LagTicks { get; init; }
}

internal sealed class HoldClockMarkConfiguration : IEntityTypeConfiguration<HoldClockMark>
{
    public void Configure(EntityTypeBuilder<HoldClockMark> builder) => builder.ToTable("HoldClockMarks");
}
