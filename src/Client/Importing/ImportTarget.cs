using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Where settings are imported to.</summary>
/// <param name="Profile">The profile as it is.</param>
/// <param name="DeviceId">This device.</param>
/// <param name="Vault">
/// Name or id of the vault that takes the place of the other program's server; null for the only one of the account on a server.
/// </param>
/// <param name="Time">The clock.</param>
public sealed record ImportTarget(UserProfileConfig Profile, string DeviceId, string? Vault, TimeProvider Time);
