using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Transfers;

namespace Halley.Server.OwnVaults;

/// <summary>Updates the profiles that use a moved bucket. This class and <see cref="OwnStorage"/> are where the two roles meet.</summary>
internal sealed class MovedVaults(ProfileStore profiles) : VaultAddresses
{
    public override async Task<AddressesSwitched> SwitchAsync(BucketMove move, string actor, CancellationToken cancellationToken)
    {
        var accounts = 0;
        var refusals = new List<string>();
        await foreach (var stored in profiles.ListAsync(TenantScope.Everything, cancellationToken))
        {
            if (!Vaults(stored.Profile).Any(vault => Is(vault, move)))
            {
                continue;
            }

            // No required hash: if the user saves at the same moment, the change is repeated on the saved profile.
            var change = await profiles.ChangeAsync(
                stored.Account.Username, TenantScope.Of(stored.Account.OrganizationId), actor, profile => Switch(profile, move),
                cancellationToken);
            accounts += change.Refusal is null ? 1 : 0;
            if (change.Refusal is { Kind: not RefusalKind.NotFound } refusal && refusal != AccountRefusals.Unchanged)
            {
                var reason = refusal == AccountRefusals.Stale ? "it is saved all the time" : refusal.Reason;
                refusals.Add($"{stored.Account.Username} ({reason})");
            }
        }

        return new AddressesSwitched(accounts, refusals);
    }

    private static Refusal? Switch(UserProfileConfig profile, BucketMove move)
    {
        var found = Vaults(profile).Where(vault => Is(vault, move)).ToList();
        foreach (var vault in found)
        {
            (vault.CometServer, vault.CometBucket) = (move.ToServer, move.ToBucket);
        }

        return found.Count == 0 ? AccountRefusals.Unchanged : null;
    }

    private static IEnumerable<DestinationLocation> Vaults(UserProfileConfig profile) =>
        profile.Destinations.Values.SelectMany(vault => vault.SpanTargets.Prepend(vault));

    private static bool Is(DestinationLocation vault, BucketMove move) =>
        vault.CometBucket == move.FromBucket && SelfAddress.Normalize(vault.CometServer) is { } server
            && move.FromServers.Contains(server.AbsoluteUri);
}
