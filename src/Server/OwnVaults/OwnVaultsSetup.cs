using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Transfers;

namespace Halley.Server.OwnVaults;

/// <summary>
/// Vaults of this server's accounts in this server's own buckets. This is the only feature that uses both roles, which don't know each
/// other.
/// </summary>
internal static class OwnVaultsSetup
{
    public static void AddOwnVaults(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<VaultProvider, OwnStorage>();
        builder.Services.AddSingleton<VaultAddresses, MovedVaults>();
        builder.Services.AddPeriodicWork<LossNoticeWork>(
            "loss-notices", RunsAt.OneInstance, TimeSpan.FromMinutes(1), (work, token) => work.RunOnceAsync(token));
    }
}
