namespace Halley.Protocol;

public static partial class Routes
{
    /// <summary>The live connection of a device: a SignalR websocket, see <see cref="Live.ILiveHub"/>.</summary>
    public const string Live = "/live";

    /// <summary>The devices of all accounts the caller may see: GET lists (user, connected).</summary>
    public const string Devices = "/api/v2/devices";

    /// <summary>The live connection of a device: DELETE closes it; the device reconnects by itself.</summary>
    public const string DeviceConnection = "/api/v2/devices/{deviceId}/connection";

    /// <summary>Commands to a device: GET lists, the latest first; POST <see cref="Live.GiveCommand"/> sends one.</summary>
    public const string DeviceCommands = "/api/v2/devices/{deviceId}/commands";

    /// <summary>One command: GET, DELETE takes it back when no device has got it yet.</summary>
    public const string Command = "/api/v2/commands/{commandId}";

    /// <summary>Path of one command.</summary>
    public static string ToCommand(Guid commandId) => Fill(Command, commandId.ToString());

    /// <summary>
    /// Where devices wait that are installed and have not signed in: a SignalR websocket, see <see cref="Live.ILobbyHub"/>.
    /// </summary>
    public const string Lobby = "/live/lobby";

    /// <summary>The devices that wait in the lobby: GET lists.</summary>
    public const string LobbyDevices = "/api/v2/lobby";

    /// <summary>A device in the lobby: DELETE sends it away for an hour.</summary>
    public const string LobbyDevice = "/api/v2/lobby/{deviceId}";

    /// <summary>POST <see cref="Live.SignInLobbyDevice"/> signs a device in the lobby in, and returns once that is done.</summary>
    public const string LobbySignIn = "/api/v2/lobby/{deviceId}/sign-in";
}
