namespace Halley.Client.Keys;

/// <summary>A sealed secret as it is in a profile, with what it is for.</summary>
/// <param name="Purpose">The purpose it was sealed for: see <see cref="SecretPurpose"/>.</param>
/// <param name="Text">What <see cref="ProfileSecret.Seal"/> returned.</param>
public readonly record struct SealedSecret(string Purpose, string? Text);
