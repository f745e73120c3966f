using Halley.Server.Credentials;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>True if a device is registered with an account.</summary>
internal delegate Task<bool> IsKnownDevice(Guid accountId, string deviceId, CancellationToken cancellationToken);

/// <summary>
/// Lets registered devices pass the lock of a name: otherwise anybody who knows the name could keep its devices from their backups. The id
/// of a device is no secret, so wrong credentials are also counted by device.
/// </summary>
internal sealed class KnownDevices(IsKnownDevice isKnown, ServerSettings settings, TimeProvider time)
{
    private const int MostDevices = 10_000;
    private readonly BoundedCache<(Guid Account, string Device), long> _failures = new(MostDevices, time);

    private LoginRules Rules => LoginRules.Of(settings.Current.LoginProtection);

    /// <summary>True if a sign-in from this device is checked although the name is locked.</summary>
    public async Task<bool> PassesAsync(Guid accountId, string? deviceId, CancellationToken cancellationToken) =>
        deviceId is not null && (_failures.Find((accountId, deviceId))?.Value ?? 0) < Rules.Threshold
        && await isKnown(accountId, deviceId, cancellationToken);

    public void CountFailure(Guid accountId, string? deviceId)
    {
        if (deviceId is not null)
        {
            _failures.Change(
                (accountId, deviceId), known => new Cached<long>((known?.Value ?? 0) + 1, time.GetUtcNow() + Rules.Cooldown));
        }
    }
}
