using System.Text;
using System.Text.Json.Serialization;
using Halley.Protocol.Keys;

namespace Halley.Client.Accounts;

/// <summary>
/// A change of a key that this machine has begun. It is on the disk until everything is done, so that a crash at any step leaves neither a
/// lost key nor an old one that works for good: the next run goes on with the same keys.
/// </summary>
/// <param name="VaultId">The vault in the profile.</param>
/// <param name="OldKeyFile">The key file that the old E-key opens; null for a key of a bucket.</param>
/// <param name="SealedOld">The old key of the bucket, sealed for this device; null for an E-key.</param>
/// <param name="SealedNew">The new one; null for an E-key.</param>
/// <param name="Hash">The hash of the new one, as the server has it; null for an E-key.</param>
internal sealed record KeyRotation(string VaultId, string? OldKeyFile, string? SealedOld, string? SealedNew, string? Hash)
{
    private const string Purpose = "key-rotation";

    [JsonIgnore]
    public bool IsOfBucket => OldKeyFile is null;

    public static KeyRotation OfBucket(DeviceState device, string vaultId, string old, string renewed, string hash) =>
        new(vaultId, null, Seal(device, old), Seal(device, renewed), hash);

    public static KeyRotation OfVault(string vaultId, string oldKeyFile) => new(vaultId, oldKeyFile, null, null, null);

    /// <summary>Both keys of the bucket.</summary>
    public (string Old, string Renewed) Open(DeviceState device) =>
        SealedText.TryOpen(device.KeyBytes, Purpose, SealedOld, out var old)
        && SealedText.TryOpen(device.KeyBytes, Purpose, SealedNew, out var renewed)
            ? (Encoding.ASCII.GetString(old), Encoding.ASCII.GetString(renewed))
            : throw new AccountException(
                AccountFault.Damaged,
                "A rotation file in the state directory is damaged. Delete it, and change the key again; the old key then stays valid "
                + "until an administrator revokes it.");

    private static string Seal(DeviceState device, string key) => SealedText.Seal(device.KeyBytes, Purpose, Encoding.ASCII.GetBytes(key));
}
