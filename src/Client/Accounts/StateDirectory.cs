using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Halley.Storage.Disk;

namespace Halley.Client.Accounts;

/// <summary>
/// What this machine remembers of its account, in two files that only the user can read: <c>device.json</c> with the id and the key of the
/// device, and <c>account.json</c> with the session and the keys of the account, which the key of the device seals. A reader of both files
/// can act as the device. A reader of one file gets the session at most, which ends within 48 hours.
/// </summary>
/// <param name="path">The directory; it need not exist.</param>
public sealed class StateDirectory(string path)
{
    private string DeviceFile => Path.Combine(path, "device.json");

    private string AccountFile => Path.Combine(path, "account.json");

    /// <summary>The directory.</summary>
    public string Location => path;

    /// <summary>The account that this machine is signed in to; null when it is to none.</summary>
    public SignedInAccount? FindAccount() => Read(AccountFile, StateJson.Default.SignedInAccount);

    /// <summary>The account that this machine is signed in to.</summary>
    /// <exception cref="AccountException">It is to none.</exception>
    public SignedInAccount RequireAccount() => FindAccount() ?? throw new AccountException(
        AccountFault.SignedOut, "This machine is not signed in. Sign in with `halley login URL USER`.");

    /// <summary>The keys of the account, which the caller disposes of; false when this machine keeps none.</summary>
    public bool TryOpenKeys(SignedInAccount account, [NotNullWhen(true)] out DeviceKeys? keys)
    {
        ArgumentNullException.ThrowIfNull(account);
        keys = null;
        if (account.SealedKeys is not { } text)
        {
            return false;
        }

        if (FindDevice() is not { } device || !DeviceKeys.TryOpen(device.KeyBytes, text, out keys))
        {
            throw new AccountException(
                AccountFault.Damaged,
                $"{DeviceFile} does not open the keys in {AccountFile}. Sign in again with `halley login URL USER`.");
        }

        return true;
    }

    /// <summary>What lets this device sign in again without a code; null without one.</summary>
    internal string? OpenProof(SignedInAccount account) => DeviceKeys.OpenProof(RequireDevice().KeyBytes, account.SealedProof);

    /// <summary>The device of this machine; null before the first sign-in.</summary>
    internal DeviceState? FindDevice() => Read(DeviceFile, StateJson.Default.DeviceState) is { } device
        ? device.IsValid ? device : throw Damaged(DeviceFile)
        : null;

    /// <summary>The device of this machine.</summary>
    /// <exception cref="AccountException">There is none.</exception>
    internal DeviceState RequireDevice() => FindDevice() ?? throw new AccountException(
        AccountFault.Damaged, $"{DeviceFile} is missing. Sign in again with `halley login URL USER`.");

    /// <summary>The change of a bucket's or vault's key that was begun and has not ended; null when there is none.</summary>
    internal KeyRotation? FindRotation(string vaultId, bool isOfBucket) =>
        Read(RotationFile(vaultId, isOfBucket), StateJson.Default.KeyRotation);

    internal void Save(KeyRotation rotation) => PrivateFile.Write(
        RotationFile(rotation.VaultId, rotation.IsOfBucket),
        JsonSerializer.SerializeToUtf8Bytes(rotation, StateJson.Default.KeyRotation));

    internal void ForgetRotation(string vaultId, bool isOfBucket) => PrivateFile.Delete(RotationFile(vaultId, isOfBucket));

    internal void Save(DeviceState device) =>
        PrivateFile.Write(DeviceFile, JsonSerializer.SerializeToUtf8Bytes(device, StateJson.Default.DeviceState));

    internal void Save(SignedInAccount account) =>
        PrivateFile.Write(AccountFile, JsonSerializer.SerializeToUtf8Bytes(account, StateJson.Default.SignedInAccount));

    /// <summary>Forgets session and keys; the device keeps its id, so that it takes no second place when it signs in again.</summary>
    internal void ForgetAccount() => PrivateFile.Delete(AccountFile);

    // The id of a vault may be any text.
    private string RotationFile(string vaultId, bool isOfBucket)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(vaultId)))[..16];
        return Path.Combine(path, $"rotation-{(isOfBucket ? "bucket" : "vault")}-{id}.json");
    }

    private static T? Read<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), type) ?? throw Damaged(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw Damaged(file);
        }
    }

    private static AccountException Damaged(string file) => new(
        AccountFault.Damaged, $"{file} is damaged. Delete it and sign in again with `halley login URL USER`.");
}

/// <summary>The identity of this machine.</summary>
/// <param name="Id">Its random id.</param>
/// <param name="Key">The key that seals what it keeps, 64 hex digits.</param>
internal sealed record DeviceState(string Id, string Key)
{
    private const int KeyDigits = 64;

    [JsonIgnore]
    public bool IsValid => Guid.TryParse(Id, out _) && Key.Length == KeyDigits && Key.All(char.IsAsciiHexDigitLower);

    [JsonIgnore]
    public ReadOnlySpan<byte> KeyBytes => Convert.FromHexString(Key);

    /// <summary>A random id, so that machines with the same hardware differ, and a random key.</summary>
    public static DeviceState Make() =>
        new(Guid.NewGuid().ToString(), RandomNumberGenerator.GetHexString(KeyDigits, lowercase: true));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SignedInAccount))]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(KeyRotation))]
internal sealed partial class StateJson : JsonSerializerContext;
