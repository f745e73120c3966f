using System.Text;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Vaults that are made on request (<c>Halley:VaultRequests</c>).</summary>
internal sealed class VaultRequestOptions
{
    public const string Section = "VaultRequests";

    /// <summary>
    /// True accepts a loopback, unspecified or link-local address as this server's own. No other machine reaches a vault there, so it is
    /// for tests.
    /// </summary>
    public bool AllowLoopback { get; set; }
}

/// <summary>A vault that was made, and the profile that has it.</summary>
internal sealed record NewVault(string Id, StoredProfile Stored);

/// <summary>
/// Makes vaults for accounts: storage by a template, and the vault in the profile. A device that requests one gives the hash of the
/// bucket's key and both keys in sealed form. For all other requests the key of the bucket is in the profile in clear, with
/// RepoInitTimestamp 0, until the first device has set the vault up and seals it. No other party could hand it over, and it opens nothing
/// but files that are encrypted with a key that this server never sees.
/// </summary>
internal sealed partial class VaultRequestActions(
    VaultTemplates templates, IEnumerable<VaultProvider> providers, ProfileStore profiles, SourceStatusStore statuses,
    VaultRequestOptions options, HalleyOptions server, TimeProvider time, ILogger<VaultRequestActions> logger)
{
    private const int LongestName = 200;
    private const int LongestSealed = 1000;
    private static readonly Refusal TypeForbidden = Forbidden("Storage of this type is not allowed");

    /// <summary>Makes a vault. For a user its policy decides; for an administrator its permissions.</summary>
    /// <param name="requiredHash">State that the profile must be in; null for any.</param>
    public async Task<Outcome<NewVault>> RequestAsync(
        AccountCaller caller, RequestVault request, string? requiredHash, CancellationToken cancellationToken)
    {
        if (caller.Administrator?.Lacks(Requires.RequestStorageVault) is { } missing)
        {
            return missing;
        }

        if (await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken) is not { } stored)
        {
            return AccountRefusals.NotFound;
        }

        if (requiredHash is not null && requiredHash != stored.Hash)
        {
            return AccountRefusals.Stale;
        }

        var policy = stored.Profile.Policy;
        if (caller.User is not null && policy.PreventRequestStorageVault)
        {
            return Forbidden("Your policy does not allow requests for a Storage Vault");
        }

        var providerList = policy.StorageVaultProviders;
        var allowedTypes = caller.Administrator is { } administrator ? administrator.Permissions.AllowedStorageTypes
            : providerList.ShouldRestrictProviderList ? providerList.AllowedProvidersWhenRestricted
            : null;
        return await MakeAsync(caller, stored, request, requiredHash, allowedTypes, cancellationToken);
    }

    /// <summary>
    /// Makes the vault that a new account gets automatically, if its profile or its policy names a template. The account exists without it,
    /// so a failure is logged, and the vault can be requested later.
    /// </summary>
    public async Task MakeAutomaticAsync(Caller caller, StoredProfile stored, CancellationToken cancellationToken)
    {
        var profile = stored.Profile;
        var template = templates.ForNew(stored.Account.OrganizationId, profile);
        if (template.Length == 0 || profile.Destinations.Count > 0)
        {
            return;
        }

        var account = new AccountCaller(caller, stored.Account.Username);
        var request = new RequestVault(template, server.PublicUrl is null ? caller.ServerAddress : "");
        var made = await MakeAsync(account, stored, request, requiredHash: null, allowedTypes: null, cancellationToken);
        if (made.Refusal is { } refusal)
        {
            LogAutomaticVaultNotMade(stored.Account.Username, template, refusal.Reason);
            return;
        }

        // Stored, so that the account follows when another template replaces this one.
        await profiles.ChangeAsync(
            account,
            requiredHash: null,
            (_, current) =>
            {
                current.AutoStorageTemplateGUID = template;
                return null;
            },
            cancellationToken);
    }

    private async Task<Outcome<NewVault>> MakeAsync(
        AccountCaller caller, StoredProfile stored, RequestVault request, string? requiredHash, IReadOnlyList<ulong>? allowedTypes,
        CancellationToken cancellationToken)
    {
        if (request.DeviceId is { Length: > 0 } device && !stored.Profile.Devices.ContainsKey(device))
        {
            return Invalid("DeviceID is not a device of this user");
        }

        if (ProblemWith(request) is { } problem)
        {
            return Invalid(problem);
        }

        var organization = stored.Account.OrganizationId;
        if (templates.Find(organization, request.TemplateId ?? "") is not { } template
            || providers.FirstOrDefault(one => one.Serves(template)) is not { } provider)
        {
            return Refusal.NotFound("vault_template_not_found", "There is no such storage provider for this user");
        }

        if (template.Type == VaultTemplates.Comet && allowedTypes?.Contains(DestinationTypes.Server) == false)
        {
            return TypeForbidden;
        }

        Uri? self = null;
        if (template is { Type: VaultTemplates.Comet, RemoteAddress: VaultTemplates.Self })
        {
            (self, var addressProblem) = SelfAddress.Read(request.SelfAddress ?? "", options.AllowLoopback, server.PublicUrl);
            if (addressProblem is not null)
            {
                return Invalid(addressProblem);
            }
        }

        // Not cancelled with the request: storage that was made for a caller that has gone is known here, and withdrawn.
        var making = await provider.MakeAsync(
            template, new RequestedVault(self, organization, caller.Actor, request.KeyHash), CancellationToken.None);
        if (!making.TryGet(out var place, out var failure))
        {
            LogVaultNotMade(template.ID, failure.Reason);
            return Refusal.Unavailable(VaultProvider.NotMade, $"The storage could not be made: {failure.Reason}");
        }

        if (allowedTypes?.Contains(place.Location.DestinationType) == false)
        {
            await WithdrawAsync(place);
            return TypeForbidden;
        }

        return await SaveAsync(caller, request, template, place, requiredHash, cancellationToken);
    }

    private async Task<Outcome<NewVault>> SaveAsync(
        AccountCaller caller, RequestVault request, RemoteStorageOption template, VaultPlace place, string? requiredHash,
        CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        var isSaved = false;
        try
        {
            var change = await profiles.ChangeAsync(
                caller,
                requiredHash,
                (_, profile) =>
                {
                    profile.Destinations[id] = VaultOf(request, template, place.Location, profile.Policy);
                    return null;
                },
                cancellationToken);
            isSaved = change.TryGet(out var stored, out var refusal);
            if (!isSaved)
            {
                return refusal!;
            }

            await statuses.FillAsync([stored!], cancellationToken);
            return new NewVault(id, caller.User is null ? stored! : stored! with { Profile = ProfileRules.MaskedForUser(stored.Profile) });
        }
        finally
        {
            if (!isSaved)
            {
                await WithdrawAsync(place);
            }
        }
    }

    private DestinationConfig VaultOf(RequestVault request, RemoteStorageOption template, DestinationLocation location, UserPolicy policy)
    {
        var vault = CometJson.Convert<DestinationLocation, DestinationConfig>(location);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        vault.Description = string.IsNullOrEmpty(request.Name) ? template.Description : request.Name;
        (vault.CreateTime, vault.ModifyTime, vault.RepoInitTimestamp) = (now, now, 0);
        (vault.EncryptionKeyEncryptionMethod, vault.EncryptedEncryptionKey) = (0, "");
        if (request.KeyHash is not null && vault.CometBucketKey.Length == 0)
        {
            (vault.CometBucketKey, vault.EncryptedEncryptionKey) = (request.SealedBucketKey!, request.SealedVaultKey!);
            (vault.EncryptionKeyEncryptionMethod, vault.RepoInitTimestamp) = (ProfileSecret.Method, now);
        }

        (vault.StorageLimitEnabled, vault.StorageLimitBytes) = (template.StorageLimitEnabled, template.StorageLimitBytes);
        vault.RebrandStorage = template.RebrandStorage;
        vault.DefaultRetention = policy.DefaultStorageVaultRetention.Mode == 0
            ? new RetentionPolicy { Mode = RetentionPolicy.KeepAll }
            : CometJson.Copy(policy.DefaultStorageVaultRetention);
        vault.AssociatedDevices = request.DeviceId is { Length: > 0 } device ? [device] : [];
        return vault;
    }

    private static string? ProblemWith(RequestVault request) =>
        request.Name?.Length > LongestName || request.Name?.Any(char.IsControl) == true
            ? $"A name must have at most {LongestName} characters."
        : request.KeyHash is null != request.SealedBucketKey is null || request.KeyHash is null != request.SealedVaultKey is null
            ? "KeyHash, SealedBucketKey and SealedVaultKey belong together."
        : request.KeyHash is not null && !CredentialHasher.IsAcceptable(CredentialHasher.CurrentFormat, request.KeyHash)
            ? "KeyHash must be bcrypt ($2a$, work factor 4 to 10) over base64(SHA-512(key text))."
        : IsSealed(request.SealedBucketKey) && IsSealed(request.SealedVaultKey) ? null
        : "SealedBucketKey and SealedVaultKey must be sealed texts.";

    private static bool IsSealed(string? text) =>
        text is null || (text.StartsWith("1.", StringComparison.Ordinal) && text.Length <= LongestSealed && Ascii.IsValid(text));

    // Not cancelled with the request: the caller may be gone, and the storage must still be deleted.
    private static Task WithdrawAsync(VaultPlace place) => place.WithdrawAsync?.Invoke(CancellationToken.None) ?? Task.CompletedTask;

    private static Refusal Forbidden(string reason) => Refusal.Forbidden("vault_not_allowed", reason);

    private static Refusal Invalid(string reason) => Refusal.Invalid("vault_request_invalid", reason);

    [LoggerMessage(LogEvents.VaultNotMade, LogLevel.Warning, "No vault could be made by template {Template}: {Reason}")]
    private partial void LogVaultNotMade(string template, string reason);

    [LoggerMessage(
        LogEvents.AutomaticVaultNotMade, LogLevel.Warning, "Account {Username} did not get the vault of template {Template}: {Reason}")]
    private partial void LogAutomaticVaultNotMade(string username, string template, string reason);
}
