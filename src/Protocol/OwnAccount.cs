namespace Halley.Protocol;

/// <summary>Changes the caller's own password; the caller's other sessions end.</summary>
/// <param name="CurrentPassword">The present password.</param>
/// <param name="NewPassword">At least 8 characters, and different from the present one.</param>
public sealed record ChangePassword(string CurrentPassword, string NewPassword);

/// <summary>Confirms the administrator's identity with the password.</summary>
/// <param name="CurrentPassword">The present password.</param>
public sealed record ConfirmWithPassword(string CurrentPassword);

/// <summary>Shows that the authenticator app works.</summary>
/// <param name="Code">The six digits it shows now.</param>
public sealed record ConfirmWithCode(string Code);

/// <summary>A new secret for the authenticator app, shown once. Sign-ins require codes once one of them has been confirmed.</summary>
/// <param name="Image">The link as QR code: a PNG as data URI.</param>
/// <param name="Link">An <c>otpauth</c> link.</param>
/// <param name="Secret">The secret in base 32, to be typed.</param>
public sealed record AuthenticatorAppCreated(string Image, string Link, string Secret);

/// <summary>Recovery codes, shown once; earlier codes are no longer valid.</summary>
/// <param name="Codes">Ten codes, each good for one sign-in without the authenticator app.</param>
public sealed record RecoveryCodesCreated(IReadOnlyList<string> Codes);
