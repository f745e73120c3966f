namespace Halley.Protocol;

public static partial class Routes
{
    /// <summary>The live connection of a device: a SignalR websocket, see <see cref="Live.ILiveHub"/>.</summary>
    public const string Live = "/live";

    /// <summary>The devices of all accounts the caller may see: GET lists (user, connected).</summary>
    public const string Devices = "/api/v2/devices";

    /// <summary>The live connection of a device: DELETE closes it; the device comes back by itself.</summary>
    public const string DeviceConnection = "/api/v2/devices/{deviceId}/connection";

    /// <summary>Commands to a device: GET lists, the latest first; POST <see cref="Live.GiveCommand"/> gives one.</summary>
    public const string DeviceCommands = "/api/v2/devices/{deviceId}/commands";

    /// <summary>One command: GET, DELETE takes it back when no device has got it yet.</summary>
    public const string Command = "/api/v2/commands/{commandId:guid}";
}
