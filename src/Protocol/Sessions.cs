namespace Halley.Protocol;

/// <summary>Requests a session of an administrator or of a backup user, depending on the credentials.</summary>
/// <param name="Username">Name of an administrator, compared without regard to case, or of an account, compared exactly.</param>
/// <param name="Password">The password; null with an L-key.</param>
/// <param name="Totp">
/// Six digits of the authenticator app, or a recovery code; required when the response without it is <c>totp_required</c>.
/// </param>
/// <param name="LKey">The L-key of an account, 48 lower-case hex digits, so that the server never sees the password.</param>
/// <param name="Device">
/// The device of the session; accounts only. An unknown device is registered. Revoking it ends the session.
/// </param>
/// <param name="DeviceProof">
/// What <see cref="SessionStarted.DeviceProof"/> was at an earlier sign-in of the device; in place of a code, for unattended devices.
/// </param>
public sealed record StartSession(
    string Username, string? Password = null, string? Totp = null, string? LKey = null, RegisterDevice? Device = null,
    string? DeviceProof = null);

/// <summary>A new session. The key is shown here and never again; the server keeps only its SHA-256.</summary>
/// <param name="SessionKey">256 random bits as 64 lower-case hex digits; send it as <c>Authorization: Bearer</c>.</param>
/// <param name="Username">The name as it was registered.</param>
/// <param name="ExpiresAt">UTC time at which the session ends if it is not used before; each use moves it.</param>
/// <param name="EndsAt">UTC time at which the session ends even when it is used.</param>
/// <param name="Kind"><c>administrator</c> or <c>account</c>.</param>
/// <param name="MustChangePassword">True: every request but a change of the password is refused until that is done.</param>
/// <param name="DeviceProof">
/// Lets this device sign in again without a code, with its L-key, until it is revoked or the authenticator app is replaced. A secret. Null
/// when no code was given.
/// </param>
public sealed record SessionStarted(
    string SessionKey, string Username, DateTime ExpiresAt, DateTime EndsAt, string Kind = "administrator",
    bool MustChangePassword = false, string? DeviceProof = null);

/// <summary>A session of the caller, without its key.</summary>
/// <param name="Id">Its id, by which it can be ended.</param>
/// <param name="StartedAt">UTC time of the sign-in.</param>
/// <param name="LastUsedAt">UTC time of the last use, exact to about a minute.</param>
/// <param name="ExpiresAt">UTC time at which it ends if it is not used before.</param>
/// <param name="EndsAt">UTC time at which it ends even when it is used.</param>
/// <param name="Address">Address it was started from; empty when that is not known.</param>
/// <param name="UserAgent">The program that started it, as it called itself; at most 200 characters.</param>
/// <param name="Current">True for the session of this request.</param>
public sealed record SessionInfo(
    Guid Id, DateTime StartedAt, DateTime LastUsedAt, DateTime ExpiresAt, DateTime EndsAt, string Address, string UserAgent, bool Current);
