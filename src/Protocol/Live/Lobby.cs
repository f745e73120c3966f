namespace Halley.Protocol.Live;

/// <summary>
/// What a device says that is installed and has not signed in, at <see cref="Routes.Lobby"/>: as <see cref="ILiveHub"/>, without a credential. An
/// administrator sees it there and may sign it in.
/// </summary>
public interface ILobbyHub
{
    /// <summary>Presents the device. To be called first, within ten seconds.</summary>
    Task<LobbyWelcome> Wait(LobbyHello hello);

    /// <summary>Tells how the sign-in that <see cref="ILobbyDevice.SignIn"/> asked for has ended; the device then leaves the lobby.</summary>
    Task SignedIn(LobbyOutcome outcome);
}

/// <summary>What the server says to a device in the lobby.</summary>
public interface ILobbyDevice
{
    /// <summary>Asks the device to sign in with an install token (<see cref="Routes.InstallTokenSessions"/>). It never gets the password.</summary>
    Task SignIn(LobbySignIn order);

    /// <summary>Says that the server closes the connection.</summary>
    Task Leave(LeaveOrder order);
}

/// <summary>How a device in the lobby presents itself.</summary>
/// <param name="DeviceId">The id under which it will register; 1 to 255 characters.</param>
/// <param name="Name">A name for people, at most 255 characters.</param>
/// <param name="ClientVersion">Version of the client; at most 100 characters.</param>
/// <param name="Platform">Operating system and processor, such as <c>linux/amd64</c>; at most 100 characters.</param>
/// <param name="PlatformVersion">The vendor's OSInfo as JSON; empty when it is not known.</param>
/// <param name="TimeZone">IANA name; empty when it is not known.</param>
public sealed record LobbyHello(string DeviceId, string Name, string ClientVersion, string Platform, string PlatformVersion, string TimeZone);

/// <summary>The answer to <see cref="ILobbyHub.Wait"/>.</summary>
/// <param name="Code">Empty when the device waits in the lobby, otherwise why it does not.</param>
/// <param name="Message">A sentence about that.</param>
public sealed record LobbyWelcome(string Code = "", string Message = "");

/// <summary>What a device signs in with.</summary>
/// <param name="Username">The account.</param>
/// <param name="Token">The install token: good for one sign-in.</param>
public sealed record LobbySignIn(string Username, string Token);

/// <summary>How a sign-in from the lobby ended.</summary>
/// <param name="IsDone">True when the device is signed in.</param>
/// <param name="Message">Why not, for the administrator; empty when it is done.</param>
public sealed record LobbyOutcome(bool IsDone, string Message = "");

/// <summary>A device in the lobby, as it presents itself: nothing of it is proven.</summary>
/// <param name="DeviceId">The id under which it will register.</param>
/// <param name="Name">A name for people.</param>
/// <param name="OrganizationId">The tenant through whose address it came; empty for the server's own.</param>
/// <param name="ClientVersion">Version of its client.</param>
/// <param name="Platform">Operating system and processor.</param>
/// <param name="TimeZone">IANA name; empty when it did not say.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="Since">UTC time since which it waits.</param>
public sealed record LobbyDeviceInfo(
    string DeviceId, string Name, string OrganizationId, string ClientVersion, string Platform, string TimeZone, string Address, DateTime Since);

/// <summary>Signs a device in the lobby in.</summary>
/// <param name="Username">The account that it is to belong to.</param>
public sealed record SignInLobbyDevice(string Username);
