using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Devices;

/// <summary>
/// A device that is registered with an account. Clients see it in the map of devices in the profile; this row is how the server finds it.
/// </summary>
internal sealed class Device
{
    public const int LongestId = AccountSession.LongestDeviceId;
    public const int LongestName = ProfileLimits.LongestDeviceName;

    public Guid AccountId { get; set; }

    /// <summary>Derived by the client from its machine; unique in the account.</summary>
    public required string DeviceId { get; set; }

    public string FriendlyName { get; set; } = "";

    /// <summary>The vendor's OSInfo as JSON.</summary>
    public string Platform { get; set; } = "{}";

    public string ClientVersion { get; set; } = "";

    public string TimeZone { get; set; } = "";

    public DateTime RegisteredAt { get; set; }

    /// <summary>Last sign-in, with a precision of about a minute.</summary>
    public DateTime? LastSeenAt { get; set; }

    public DeviceInfo ToWire() => new(
        DeviceId, FriendlyName, JsonSerializer.Deserialize<OSInfo>(Platform, CometJson.Options) ?? new OSInfo(), ClientVersion, TimeZone,
        RegisteredAt, LastSeenAt);
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
