using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// Makes a vault for an account: a place for it by a template, and the vault in the profile. The key of the bucket stands in the profile in
/// clear, with RepoInitTimestamp 0, until the first device has set the vault up and seals it: nobody else could hand it over, and it opens
/// nothing but files that are encrypted with a key this server never sees.
/// </summary>
internal sealed partial class VaultMaking(
    VaultTemplates templates, IEnumerable<VaultProvider> providers, ProfileStore profiles, VaultRequestOptions options, HalleyOptions server,
    TimeProvider time, ILogger<VaultMaking> logger)
{
    private const ulong CometType = 1003;
    private const int KeepAll = 801;

    public async Task<VaultRequestOutcome> RequestAsync(VaultRequest request, CancellationToken cancellationToken)
    {
        if (await profiles.FindAsync(request.Username, request.Scope, cancellationToken) is not { } stored)
        {
            return VaultRequestOutcome.Refused(VaultRequestResult.UnknownAccount, "User not found");
        }

        if (Check(request, stored) is { } refusal)
        {
            return refusal;
        }

        var organization = stored.Account.OrganizationId;
        if (templates.Find(organization, request.TemplateId) is not { } template
            || providers.FirstOrDefault(one => one.Serves(template)) is not { } provider)
        {
            return VaultRequestOutcome.Refused(VaultRequestResult.UnknownTemplate, "There is no such storage provider for this user");
        }

        if (template.Type == VaultTemplates.Comet && !Allows(request, stored, CometType))
        {
            return TypeForbidden;
        }

        var (self, addressRefusal) = template is { Type: VaultTemplates.Comet, RemoteAddress: VaultTemplates.Self }
            ? SelfAddress.Read(request.SelfAddress.Length > 0 ? request.SelfAddress : server.PublicUrl ?? "", options.AllowLoopback)
            : (null, null);
        if (addressRefusal is not null)
        {
            return VaultRequestOutcome.Refused(VaultRequestResult.Refused, addressRefusal);
        }

        var place = await provider.MakeAsync(template, new RequestedVault(self, organization, request.Actor), cancellationToken);
        if (place.Location is not { } location)
        {
            LogNotMade(template.ID, place.Refusal!);
            return VaultRequestOutcome.Refused(VaultRequestResult.ProviderFailed, $"The storage could not be made: {place.Refusal}");
        }

        return Allows(request, stored, location.DestinationType)
            ? await SaveAsync(request, template, location, place, cancellationToken)
            : await WithdrawAsync(place, TypeForbidden);
    }

    private static VaultRequestOutcome TypeForbidden =>
        VaultRequestOutcome.Refused(VaultRequestResult.Forbidden, "Storage of this type is not allowed");

    private static VaultRequestOutcome? Check(VaultRequest request, StoredProfile stored) =>
        request.RequiredHash is { } hash && hash != stored.Hash
            ? VaultRequestOutcome.Stale
        : request.ByUser && stored.Profile.Policy.PreventRequestStorageVault
            ? VaultRequestOutcome.Refused(VaultRequestResult.Forbidden, "Your policy does not allow to request a Storage Vault")
        : request.DeviceId.Length > 0 && !stored.Profile.Devices.ContainsKey(request.DeviceId)
            ? VaultRequestOutcome.Refused(VaultRequestResult.Refused, "DeviceID is not a device of this user")
        : null;

    private static bool Allows(VaultRequest request, StoredProfile stored, ulong type)
    {
        var rule = stored.Profile.Policy.StorageVaultProviders;
        return request.AllowedTypes?.Contains(type) != false
            && (!request.ByUser || !rule.ShouldRestrictProviderList || rule.AllowedProvidersWhenRestricted.Contains(type));
    }

    private async Task<VaultRequestOutcome> SaveAsync(
        VaultRequest request, RemoteStorageOption template, DestinationLocation location, VaultPlace place, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        ProfileChange change;
        try
        {
            change = await profiles.ChangeAsync(
                request.Username,
                request.Scope,
                request.RequiredHash,
                request.Actor,
                profile =>
                {
                    profile.Destinations[id] = VaultOf(request, template, location, profile.Policy);
                    return null;
                },
                cancellationToken);
        }
        catch
        {
            await WithdrawAsync(place, VaultRequestOutcome.Stale);
            throw;
        }

        return change.Result switch
        {
            ProfileChangeResult.Saved => new VaultRequestOutcome(VaultRequestResult.Made, id, change.Stored),
            ProfileChangeResult.Stale => await WithdrawAsync(place, VaultRequestOutcome.Stale),
            ProfileChangeResult.NotFound =>
                await WithdrawAsync(place, VaultRequestOutcome.Refused(VaultRequestResult.UnknownAccount, "User not found")),
            _ => await WithdrawAsync(place, VaultRequestOutcome.Refused(VaultRequestResult.Refused, change.Reason!)),
        };
    }

    private DestinationConfig VaultOf(VaultRequest request, RemoteStorageOption template, DestinationLocation location, UserPolicy policy)
    {
        var vault = CometJson.Convert<DestinationLocation, DestinationConfig>(location);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        vault.Description = template.Description;
        (vault.CreateTime, vault.ModifyTime, vault.RepoInitTimestamp) = (now, now, 0);
        (vault.EncryptionKeyEncryptionMethod, vault.EncryptedEncryptionKey) = (0, "");
        (vault.StorageLimitEnabled, vault.StorageLimitBytes) = (template.StorageLimitEnabled, template.StorageLimitBytes);
        vault.RebrandStorage = template.RebrandStorage;
        vault.DefaultRetention = policy.DefaultStorageVaultRetention.Mode == 0
            ? new RetentionPolicy { Mode = KeepAll }
            : CometJson.Copy(policy.DefaultStorageVaultRetention);
        vault.AssociatedDevices = request.DeviceId.Length > 0 ? [request.DeviceId] : [];
        return vault;
    }

    private static async Task<VaultRequestOutcome> WithdrawAsync(VaultPlace place, VaultRequestOutcome outcome)
    {
        if (place.WithdrawAsync is { } withdraw)
        {
            await withdraw(CancellationToken.None);
        }

        return outcome;
    }

    [LoggerMessage(LogEvents.VaultNotMade, LogLevel.Warning, "No vault could be made by template {Template}: {Reason}")]
    private partial void LogNotMade(string template, string reason);
}
