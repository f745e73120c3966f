using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Keys;

namespace Halley.Client.Accounts;

/// <summary>
/// The two keys of an account as a device keeps them, so that it works unattended: the L-key signs in again after 48 hours, the R-key opens
/// the secrets of the profile. They are sealed with the key of the device. Dispose erases the R-key.
/// </summary>
public sealed class DeviceKeys : IDisposable
{
    private const string Purpose = "device-keys";
    private const string ProofPurpose = "device-proof";

    private readonly byte[] _rKey = GC.AllocateUninitializedArray<byte>(AccountKeys.RKeyLength, pinned: true);
    private bool _erased;

    private DeviceKeys(string lKey, ReadOnlySpan<byte> rKey)
    {
        LKey = lKey;
        rKey.CopyTo(_rKey);
    }

    /// <summary>48 lower-case hex digits, which sign in like the password.</summary>
    public string LKey { get; }

    /// <summary>The 24 bytes that open the secrets of the profile.</summary>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public ReadOnlySpan<byte> RKey
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return _rKey;
        }
    }

    /// <summary>Those of a password that was just typed.</summary>
    public static DeviceKeys Of(AccountKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new DeviceKeys(keys.LKey, keys.RKey);
    }

    /// <summary>Seals the keys of an account for a device.</summary>
    internal static string Seal(ReadOnlySpan<byte> deviceKey, AccountKeys keys)
    {
        Span<byte> both = stackalloc byte[AccountKeys.LKeyDigits + AccountKeys.RKeyLength];
        Encoding.ASCII.GetBytes(keys.LKey, both);
        keys.RKey.CopyTo(both[AccountKeys.LKeyDigits..]);
        var text = SealedText.Seal(deviceKey, Purpose, both);
        CryptographicOperations.ZeroMemory(both);
        return text;
    }

    /// <summary>Seals what lets a device sign in again without a code.</summary>
    internal static string SealProof(ReadOnlySpan<byte> deviceKey, string proof) =>
        SealedText.Seal(deviceKey, ProofPurpose, Encoding.ASCII.GetBytes(proof));

    /// <summary>Opens it; null when it was sealed for another device, or there is none.</summary>
    internal static string? OpenProof(ReadOnlySpan<byte> deviceKey, string? text) =>
        SealedText.TryOpen(deviceKey, ProofPurpose, text, out var proof) ? Encoding.ASCII.GetString(proof) : null;

    /// <summary>Opens them; false when they were sealed for another device, or damaged.</summary>
    internal static bool TryOpen(ReadOnlySpan<byte> deviceKey, string text, [NotNullWhen(true)] out DeviceKeys? keys)
    {
        keys = null;
        if (!SealedText.TryOpen(deviceKey, Purpose, text, out var both))
        {
            return false;
        }

        keys = both.Length == AccountKeys.LKeyDigits + AccountKeys.RKeyLength
            ? new DeviceKeys(Encoding.ASCII.GetString(both, 0, AccountKeys.LKeyDigits), both.AsSpan(AccountKeys.LKeyDigits))
            : null;
        CryptographicOperations.ZeroMemory(both);
        return keys is not null;
    }

    /// <summary>Erases the R-key.</summary>
    public void Dispose()
    {
        _erased = true;
        CryptographicOperations.ZeroMemory(_rKey);
    }
}
