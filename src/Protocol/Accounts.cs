using System.Text.Json.Serialization;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Protocol;

/// <summary>Requests the way in which the keys of an account are derived, before the sign-in.</summary>
/// <param name="Username">Name of the account; need not exist.</param>
public sealed record PreLogin(string Username);

/// <summary>How to derive the keys of an account. An unknown name gets the same response as a known one.</summary>
/// <param name="Kdf">Version of the derivation; see <see cref="AccountKeys"/>.</param>
/// <param name="PasswordsTaken">False when this server accepts L-keys only.</param>
public sealed record PreLoginAnswer(int Kdf, bool PasswordsTaken);

/// <summary>An account of a backup user, without its profile.</summary>
/// <param name="Username">Its name, which never changes.</param>
/// <param name="OrganizationId">Its tenant; empty for the top level.</param>
/// <param name="AccountName">A label, free to choose.</param>
/// <param name="GroupId">Its group, or empty.</param>
/// <param name="PolicyId">The policy it follows, or empty.</param>
/// <param name="CreatedAt">UTC time at which it was created.</param>
/// <param name="CreationId">Random; distinguishes accounts with the same name on two servers.</param>
/// <param name="Suspended">True while sign-ins to it are refused.</param>
/// <param name="MustChangePassword">True while its user must change the password before anything else.</param>
/// <param name="UsesTotp">True when sign-ins require a one-time code.</param>
/// <param name="HasRecovery">True when the password can be reset without the old one.</param>
/// <param name="LastSignInAt">UTC time of the last sign-in, exact to about a minute; null when there was none.</param>
/// <param name="LockedUntil">UTC time until which sign-ins are refused after too many failures; null when they are not.</param>
/// <param name="ProfileHash">Identifies the present state of the profile; its ETag.</param>
public sealed record AccountInfo(
    string Username, string OrganizationId, string AccountName, string GroupId, string PolicyId, DateTime CreatedAt, Guid CreationId,
    bool Suspended,
    bool MustChangePassword, bool UsesTotp, bool HasRecovery, DateTime? LastSignInAt, DateTime? LockedUntil, string ProfileHash);

/// <summary>Requests a new account, with a password or with an L-key.</summary>
/// <param name="Username">1 to 255 letters, digits or <c>_ . @ -</c>.</param>
/// <param name="Password">At least 8 characters; null with an L-key.</param>
/// <param name="LKey">
/// 48 lower-case hex digits, derived by the client, so that the server never sees the password. Null with a password.
/// </param>
/// <param name="OrganizationId">Tenant; null or empty for the caller's own.</param>
/// <param name="AccountName">Label, at most 1000 characters.</param>
/// <param name="KeepRecovery">
/// True: the server keeps a key that resets the password without the old one, and so could read the secrets. Only with a password.
/// </param>
/// <param name="MustChangePassword">True: the first sign-in has to change the password.</param>
/// <param name="PolicyId">A policy of the organization that it follows; null or empty for the default one.</param>
public sealed record CreateAccount(
    string Username, string? Password = null, string? LKey = null, string? OrganizationId = null, string? AccountName = null,
    bool KeepRecovery = false,
    bool MustChangePassword = false, string? PolicyId = null);

/// <summary>Changes to an account; null leaves a value unchanged.</summary>
/// <param name="Suspended">True refuses its user and devices and ends their sessions; nothing is deleted.</param>
/// <param name="AccountName">Label, at most 1000 characters.</param>
/// <param name="MustChangePassword">True: the next sign-in has to change the password.</param>
/// <param name="MaximumDevices">Most devices; 0 is no limit.</param>
public sealed record UpdateAccount(
    bool? Suspended = null, string? AccountName = null, bool? MustChangePassword = null, long? MaximumDevices = null);

/// <summary>Requests another password for an account.</summary>
/// <param name="NewPassword">At least 8 characters.</param>
/// <param name="OldPassword">
/// The present one; required when the server stores no key that could move the secrets of the profile to the new one.
/// </param>
public sealed record ResetAccountPassword(string NewPassword, string? OldPassword = null);

/// <summary>
/// A change of the own password by a client that keeps its keys to itself. Profile and key are stored together or not at all. Written with
/// <see cref="CometJson.Options"/>, because the profile is.
/// </summary>
public sealed class ChangeLKey
{
    /// <summary>The present L-key.</summary>
    [JsonPropertyName("currentLKey")]
    public string? CurrentLKey { get; set; }

    /// <summary>The L-key of the new password.</summary>
    [JsonPropertyName("newLKey")]
    public string? NewLKey { get; set; }

    /// <summary>The profile with all secrets sealed with the new R-key.</summary>
    [JsonPropertyName("profile")]
    public UserProfileConfig? Profile { get; set; }
}

/// <summary>An older state of a profile.</summary>
/// <param name="Id">The id with which it is restored.</param>
/// <param name="Hash">The hash the profile had.</param>
/// <param name="SavedAt">UTC time at which it was saved.</param>
/// <param name="ReplacedBy">Name of the user or administrator that replaced it; empty for the server itself.</param>
public sealed record ProfileVersionInfo(Guid Id, string Hash, DateTime SavedAt, string ReplacedBy);

/// <summary>A device that is registered with an account.</summary>
/// <param name="Id">Chosen by its client.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Platform">Its operating system.</param>
/// <param name="ClientVersion">Version of its client, or empty.</param>
/// <param name="TimeZone">IANA time zone, or empty.</param>
/// <param name="RegisteredAt">UTC time of the registration.</param>
/// <param name="LastSeenAt">UTC time of its last sign-in, exact to about a minute; null when there was none.</param>
public sealed record DeviceInfo(
    string Id, string Name, OSInfo Platform, string ClientVersion, string TimeZone, DateTime RegisteredAt, DateTime? LastSeenAt);

/// <summary>Registers a device, or updates its facts.</summary>
/// <param name="Id">1 to 255 characters, the same for the device at all times.</param>
/// <param name="Name">Name for people; only counts at the first registration.</param>
/// <param name="Platform">Its operating system.</param>
/// <param name="ClientVersion">Version of its client.</param>
/// <param name="TimeZone">IANA time zone.</param>
public sealed record RegisterDevice(
    string Id, string? Name = null, OSInfo? Platform = null, string? ClientVersion = null, string? TimeZone = null);

/// <summary>Another name for a device.</summary>
/// <param name="Name">1 to 255 characters.</param>
public sealed record RenameDevice(string Name);

/// <summary>An install token, shown once. Its holder can sign one device in once, without the password.</summary>
/// <param name="Id">The id with which it can be revoked.</param>
/// <param name="Token">64 hex digits.</param>
/// <param name="ExpiresAt">UTC time from which it is refused.</param>
public sealed record InstallTokenCreated(Guid Id, string Token, DateTime ExpiresAt);

/// <summary>An install token without its text.</summary>
/// <param name="Id">The id with which it can be revoked.</param>
/// <param name="CreatedAt">UTC time at which it was created.</param>
/// <param name="CreatedBy">Name of the administrator that created it.</param>
/// <param name="ExpiresAt">UTC time from which it is refused.</param>
/// <param name="UsedAt">UTC time at which it was redeemed; null when it was not.</param>
public sealed record InstallTokenInfo(Guid Id, DateTime CreatedAt, string CreatedBy, DateTime ExpiresAt, DateTime? UsedAt);

/// <summary>Signs a device in with an install token.</summary>
/// <param name="Username">The account it is for.</param>
/// <param name="Token">Its text.</param>
/// <param name="Device">The device that is installed.</param>
public sealed record RedeemInstallToken(string Username, string Token, RegisterDevice Device);
