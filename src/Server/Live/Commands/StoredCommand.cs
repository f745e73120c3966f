using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Live.Commands;

/// <summary>
/// A command that outlives a restart. Arguments and answer are encrypted, because they may have passwords and names of files.
/// </summary>
internal sealed class StoredCommand
{
    public const int LongestKind = 40;

    public Guid Id { get; set; }

    public Guid AccountId { get; set; }

    public required string DeviceId { get; set; }

    public required string Username { get; set; }

    public required string OrganizationId { get; set; }

    public required string Kind { get; set; }

    public required byte[] Arguments { get; set; }

    /// <summary>One of <see cref="Protocol.Live.CommandStates"/>.</summary>
    public required string State { get; set; }

    public byte[]? Answer { get; set; }

    public string Code { get; set; } = "";

    public string Message { get; set; } = "";

    /// <summary>The administrator that gave it.</summary>
    public required string Actor { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>UTC time after which the device must not start it.</summary>
    public DateTime ExpiresAt { get; set; }

    public DateTime? SentAt { get; set; }

    public DateTime? EndedAt { get; set; }
}

internal sealed class StoredCommandMapping : IEntityTypeConfiguration<StoredCommand>
{
    public void Configure(EntityTypeBuilder<StoredCommand> builder)
    {
        builder.ToTable("DeviceCommands");
        builder.Property(command => command.Id).ValueGeneratedNever();
        builder.Property(command => command.DeviceId).HasMaxLength(Device.LongestId);
        builder.Property(command => command.Username).HasMaxLength(Account.LongestName);
        builder.Property(command => command.OrganizationId).HasMaxLength(64);
        builder.Property(command => command.Kind).HasMaxLength(StoredCommand.LongestKind);
        builder.Property(command => command.State).HasMaxLength(16);
        builder.Property(command => command.Code).HasMaxLength(CommandOutcome.LongestCode);
        builder.Property(command => command.Message).HasMaxLength(CommandOutcome.LongestMessage);
        builder.Property(command => command.Actor).HasMaxLength(Account.LongestName);
        builder.HasIndex(command => new { command.AccountId, command.DeviceId, command.CreatedAt });
        builder.HasIndex(command => new { command.EndedAt, command.ExpiresAt });
        builder.HasOne<Account>().WithMany().HasForeignKey(command => command.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
