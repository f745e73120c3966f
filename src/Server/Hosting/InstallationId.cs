using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Halley.Server.Hosting;

/// <summary>
/// The identity of the installation, which all its instances share: the first of the keys that encrypt secrets, which stays for good.
/// </summary>
internal sealed class InstallationId(IKeyManager keys, IDataProtectionProvider protection)
{
    private readonly Lazy<Guid> _value = new(() =>
    {
        // Makes the first key if there is none yet.
        protection.CreateProtector(nameof(InstallationId)).Protect([]);
        return keys.GetAllKeys().MinBy(key => (key.CreationDate, key.KeyId))!.KeyId;
    });

    public Guid Value => _value.Value;
}
