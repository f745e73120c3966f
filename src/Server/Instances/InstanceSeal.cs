using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.Instances;

/// <summary>
/// Whatever goes through Redis is sealed with the keys that all instances share: passwords and names of files are in commands, and whoever
/// can write to Redis could otherwise give commands to devices.
/// </summary>
internal sealed class InstanceSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Instances");

    public byte[] Close<T>(T value) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>Throws a CryptographicException when another key has closed it.</summary>
    public T Open<T>(byte[] sealedValue) => JsonSerializer.Deserialize<T>(_protector.Unprotect(sealedValue))!;
}
