using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.Instances;

/// <summary>
/// Encrypts everything that passes through Redis with the keys that all instances share. Commands contain passwords and file names, and
/// otherwise anybody who can write to Redis could send commands to devices.
/// </summary>
internal sealed class InstanceSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Instances");

    public byte[] Close<T>(T value) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>Decrypts a value. Throws a CryptographicException if it was sealed with another key.</summary>
    public T Open<T>(byte[] sealedValue) => JsonSerializer.Deserialize<T>(_protector.Unprotect(sealedValue))!;
}
