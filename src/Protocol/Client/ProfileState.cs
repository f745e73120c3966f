using System.Text.Json.Serialization;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Client;

/// <summary>A profile as it was read.</summary>
/// <param name="Profile">The profile, in which a caller makes its changes.</param>
/// <param name="Tag">The ETag of the state that was read.</param>
public sealed record ProfileState(UserProfileConfig Profile, string Tag);

/// <summary>
/// Profiles for builds that are compiled ahead of time. The server writes every field and no null, and reads an empty field like a missing
/// one, so the rules of <see cref="Comet.CometJson"/> are not needed on this side.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(UserProfileConfig))]
internal sealed partial class ProfileJson : JsonSerializerContext;
