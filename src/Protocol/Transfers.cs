namespace Halley.Protocol;

/// <summary>Moves a bucket to another server of this kind while its clients continue to work.</summary>
/// <param name="Server">Address of the other server, such as <c>https://other.example.com/</c>.</param>
/// <param name="Username">Name of an administrator there; null with a <paramref name="Token"/>.</param>
/// <param name="Password">The administrator's password.</param>
/// <param name="Token">
/// An API token or session key of an administrator there, instead of name and password. Kept encrypted until the task ends.
/// </param>
/// <param name="BucketId">Id of the bucket there; null for the same one. It is created when it does not exist.</param>
/// <param name="SwitchProfiles">
/// True puts the new address into the profiles of all accounts of this server that use the bucket. Nothing else in them changes.
/// </param>
/// <param name="DeviceAddress">Address of the other server as devices reach it; null for <paramref name="Server"/>.</param>
/// <param name="OwnAddresses">
/// Addresses of this server as profiles name it; null for <c>Halley:PublicUrl</c> and the address of this request.
/// </param>
/// <param name="MaxBytesPerSecond">Most bytes a second; null or 0 for as fast as clients leave room for.</param>
public sealed record StartTransfer(
    string? Server = null, string? Username = null, string? Password = null, string? Token = null, string? BucketId = null,
    bool SwitchProfiles = false,
    string? DeviceAddress = null, IReadOnlyList<string>? OwnAddresses = null, long? MaxBytesPerSecond = null);
