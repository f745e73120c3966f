using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Halley.Server.StorageRole;
using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.OwnVaults;

/// <summary>Creates vaults in buckets on this server.</summary>
internal sealed class OwnStorage(BucketActions buckets, ServerSettings settings, StorageOptions here) : VaultProvider
{
    public override bool Serves(RemoteStorageOption template) =>
        template is { Type: VaultTemplates.Comet, RemoteAddress: VaultTemplates.Self };

    public override async Task<Outcome<VaultPlace>> MakeAsync(
        RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken)
    {
        if (await TestAsync(template, request.OrganizationId, cancellationToken) is { } refusal)
        {
            return Failed(refusal);
        }

        var caller = Caller.Server with
        {
            Name = request.Actor,
            OrganizationId = request.OrganizationId,
            Scope = TenantScope.Of(request.OrganizationId),
        };
        var making = await buckets.CreateAsync(caller, new CreateBucket(KeyHash: request.KeyHash), cancellationToken);
        if (!making.TryGet(out var made, out var obstacle))
        {
            return Failed(obstacle.Reason);
        }

        var location = new DestinationLocation
        {
            DestinationType = DestinationTypes.Server,
            CometServer = request.SelfAddress!.AbsoluteUri,
            CometBucket = made.Bucket.Id,
            CometBucketKey = made.Secret ?? "",
        };
        return new VaultPlace(location, token => buckets.DeleteAsync(caller, made.Bucket.Id, token));
    }

    public override Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken) =>
        Task.FromResult(
            !settings.Current.StorageRole.RoleEnabled ? "The Storage Role of this server is switched off."
            : here.Enabled ? null
            : "This instance of the server has no storage (Halley:Storage:Enabled is false); ask the one that has it.");
}
