namespace Halley.Protocol.Live;

/// <summary>
/// What an installed device that has not signed in calls on the server at <see cref="Routes.Lobby"/>: like <see cref="ILiveHub"/>, without
/// a credential. An administrator sees the device there and may sign it in.
/// </summary>
public interface ILobbyHub
{
    /// <summary>Presents the device. It must be the first call, within ten seconds.</summary>
    Task<LobbyWelcome> Wait(LobbyHello hello);

    /// <summary>Reports how the sign-in requested by <see cref="ILobbyDevice.SignIn"/> ended; the device then leaves the lobby.</summary>
    Task SignedIn(LobbyOutcome outcome);
}

/// <summary>What the server calls on a device in the lobby.</summary>
public interface ILobbyDevice
{
    /// <summary>
    /// Asks the device to sign in with an install token (<see cref="Routes.InstallTokenSessions"/>). It never gets the password.
    /// </summary>
    Task SignIn(LobbySignIn order);

    /// <summary>Announces that the server closes the connection.</summary>
    Task Leave(LeaveOrder order);
}

/// <summary>How a device in the lobby presents itself; none of it is verified.</summary>
/// <param name="DeviceId">The id under which it will register; 1 to 255 characters.</param>
/// <param name="Name">A name for people, at most 255 characters.</param>
/// <param name="ClientVersion">Version of the client; at most 100 characters.</param>
/// <param name="Platform">Operating system and processor, such as <c>linux/amd64</c>; at most 100 characters.</param>
/// <param name="PlatformVersion">The vendor's OSInfo as JSON; empty when it is not known.</param>
/// <param name="TimeZone">IANA name; empty when it is not known.</param>
public sealed record LobbyHello(
    string DeviceId, string Name, string ClientVersion, string Platform, string PlatformVersion, string TimeZone);

/// <summary>The answer to <see cref="ILobbyHub.Wait"/>.</summary>
/// <param name="Code">Empty when the device waits in the lobby, otherwise why it does not.</param>
/// <param name="Message">A sentence about that.</param>
public sealed record LobbyWelcome(string Code = "", string Message = "");

/// <summary>The credential for a device in the lobby.</summary>
/// <param name="Username">The account.</param>
/// <param name="Token">The install token: good for one sign-in.</param>
public sealed record LobbySignIn(string Username, string Token);

/// <summary>How a sign-in from the lobby ended.</summary>
/// <param name="IsDone">True when the device is signed in.</param>
/// <param name="Message">Why not, for the administrator; empty when it is done.</param>
public sealed record LobbyOutcome(bool IsDone, string Message = "");

/// <summary>A device in the lobby, as it presents itself; none of it is verified.</summary>
/// <param name="DeviceId">The id under which it will register.</param>
/// <param name="Name">A name for people.</param>
/// <param name="OrganizationId">The tenant at whose address it connected; empty for the server's own.</param>
/// <param name="ClientVersion">Version of its client.</param>
/// <param name="Platform">Operating system and processor.</param>
/// <param name="TimeZone">IANA name; empty when it is not known.</param>
/// <param name="Address">Address it connects from.</param>
/// <param name="Since">UTC time since which it waits.</param>
public sealed record LobbyDeviceInfo(
    string DeviceId, string Name, string OrganizationId, string ClientVersion, string Platform, string TimeZone,
    string Address, DateTime Since);

/// <summary>Signs a device in the lobby in.</summary>
/// <param name="Username">The account that it will belong to.</param>
public sealed record SignInLobbyDevice(string Username);
