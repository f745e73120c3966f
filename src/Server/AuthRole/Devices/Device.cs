using Halley.Server.AuthRole.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Devices;

/// <summary>
/// A device that is registered with an account. The profile has the same in its map of devices, which is what clients see; this row is what
/// the server finds it by.
/// </summary>
internal sealed class Device
{
    public const int LongestId = 255;
    public const int LongestName = 255;

    public Guid AccountId { get; set; }

    /// <summary>The client derives it from its machine; unique in the account.</summary>
    public required string DeviceId { get; set; }

    public string FriendlyName { get; set; } = "";

    /// <summary>The vendor's OSInfo as JSON.</summary>
    public string Platform { get; set; } = "{}";

    public string ClientVersion { get; set; } = "";

    public string TimeZone { get; set; } = "";

    public DateTime RegisteredAt { get; set; }

    /// <summary>Last sign-in, exact to about a minute.</summary>
    public DateTime? LastSeenAt { get; set; }
}

internal sealed class DeviceMapping : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("Devices");
        builder.HasKey(device => new { device.AccountId, device.DeviceId });
        builder.Property(device => device.DeviceId).HasMaxLength(Device.LongestId);
        builder.Property(device => device.FriendlyName).HasMaxLength(Device.LongestName);
        builder.Property(device => device.ClientVersion).HasMaxLength(100);
        builder.Property(device => device.TimeZone).HasMaxLength(100);
        builder.HasOne<Account>().WithMany().HasForeignKey(device => device.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
