namespace Halley.Client.Accounts;

/// <summary>The account that this machine is signed in to.</summary>
/// <param name="Server">Address of the server, with a slash at its end.</param>
/// <param name="Username">Name of the account.</param>
/// <param name="DeviceId">Id with which the device is registered.</param>
/// <param name="SessionKey">Key of the session; a secret.</param>
/// <param name="SessionEndsAt">UTC time at which the session ends even when it is used.</param>
/// <param name="SealedKeys">The keys of the account, sealed for this device; null when it keeps none.</param>
/// <param name="SealedProof">What lets this device sign in again without a code, sealed for it; null without one.</param>
/// <param name="RefusedAt">UTC time at which the server refused these keys; null when it accepted them.</param>
public sealed record SignedInAccount(
    Uri Server, string Username, string DeviceId, string SessionKey, DateTime SessionEndsAt, string? SealedKeys,
    string? SealedProof = null, DateTime? RefusedAt = null);
