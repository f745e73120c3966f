using Halley.Protocol.Live;

namespace Halley.Server.Live;

/// <summary>A connected device, as its instance describes it to the others.</summary>
internal sealed record SharedDevice(
    Guid Id, Guid AccountId, string DeviceId, string Username, string OrganizationId, LiveHello Hello, string Address, DateTimeOffset Since,
    DateTimeOffset LastSeen, TimeSpan ClockAhead, bool IsCloned, bool IsReconnecting, long Turn)
{
    public static SharedDevice Of(LocalDevice device) => new(
        device.Id, device.Key.AccountId, device.Key.DeviceId, device.Username, device.OrganizationId, device.Hello, device.Address,
        device.Since, device.LastSeen, device.ClockAhead, device.IsCloned, device.IsReconnecting, device.Turn);

    internal DeviceKey Key => new(AccountId, DeviceId);

    public RemoteDevice ToDevice(Guid owner)
    {
        var device = new RemoteDevice(Id, Key, Username, OrganizationId, Since)
        {
            Owner = owner,
            Hello = Hello,
            Address = Address,
            IsCloned = IsCloned,
        };
        CopyTo(device);
        return device;
    }

    /// <summary>Updates the fields that change while a device is connected.</summary>
    public void CopyTo(RemoteDevice device) =>
        (device.Hello, device.Address, device.LastSeen, device.ClockAhead, device.IsAway, device.Turn) =
        (Hello, Address, LastSeen, ClockAhead, IsReconnecting, Turn);
}
