using Halley.Protocol.Profiles;

namespace Halley.Protocol.Client;

/// <summary>A profile as it was read.</summary>
/// <param name="Profile">The profile, in which a caller makes its changes.</param>
/// <param name="Tag">The ETag of the state that was read.</param>
public sealed record ProfileState(UserProfileConfig Profile, string Tag);
