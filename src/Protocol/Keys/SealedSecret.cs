namespace Halley.Protocol.Keys;

/// <summary>A sealed secret of a profile, with its purpose.</summary>
/// <param name="Purpose">The purpose it was sealed for: see <see cref="SecretPurpose"/>.</param>
/// <param name="Text">
/// The text from <see cref="ProfileSecret.Seal"/>, or any other value that the profile holds in its place; may be null.
/// </param>
public readonly record struct SealedSecret(string Purpose, string? Text);
