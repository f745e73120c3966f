namespace Halley.Client.Keys;

/// <summary>A sealed secret as it is in a profile, with what it is for.</summary>
/// <param name="Purpose">The purpose it was sealed for: see <see cref="SecretPurpose"/>.</param>
/// <param name="Text">What <see cref="ProfileSecret.Seal"/> returned; or whatever the profile holds in its place, null included.</param>
public readonly record struct SealedSecret(string Purpose, string? Text);
