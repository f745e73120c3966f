using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Administrators' operations on accounts of backup users: list, create, change, delete.</summary>
internal sealed class AccountActions(
    IDbContextFactory<ServerDbContext> databases, AccountHashes hashes, KeptRKeys rKeys, ProfileStore profiles, VaultRequestActions vaults,
    OrganizationCache organizations, ClientRemover clients, TimeProvider time)
{
    /// <summary>Accounts in the order of their names, from the first one after a name.</summary>
    public async Task<IReadOnlyList<AccountInfo>> ListAsync(
        Caller caller, AccountFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var accounts = filter.Narrow(database.Set<Account>().AsNoTracking().In(caller.Scope), after);
        return await Show(accounts.OrderBy(account => account.Username).Take(limit)).ToListAsync(cancellationToken);
    }

    public async Task<List<string>> ListNamesAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().In(caller.Scope).OrderBy(account => account.Username).Select(account => account.Username)
            .ToListAsync(cancellationToken);
    }

    public async Task<Outcome<AccountInfo>> FindAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Show(database.Set<Account>().AsNoTracking().In(caller.Scope).Where(account => account.Username == caller.Username))
            .SingleOrDefaultAsync(cancellationToken) is { } found ? found : AccountRefusals.NotFound;
    }

    /// <summary>
    /// Creates an account with a policy, by default that of its organization, and the vault that its policy requires. A failure to create
    /// the vault is logged, and the vault can be requested later; the account exists all the same.
    /// </summary>
    public async Task<Outcome<StoredProfile>> CreateAsync(Caller caller, CreateAccount request, CancellationToken cancellationToken)
    {
        if ((request.Password is null) == (request.LKey is null) || (request.KeepRecovery && request.Password is null))
        {
            return Refusal.Invalid("credential_invalid", "Send either a password or an lKey; keepRecovery only works with a password.");
        }

        var profile = new UserProfileConfig
        {
            AccountName = request.AccountName ?? "",
            PolicyID = request.PolicyId ?? "",
            LocalTimezone = "Etc/UTC",
            LanguageCode = "en_US",
            SendEmailReports = true,
            AllowPasswordLogin = true,
            RequirePasswordChange = request.MustChangePassword,
        };
        var made = await CreateAsync(caller, request, profile, cancellationToken);
        if (made.TryGet(out var stored, out _))
        {
            await vaults.MakeAutomaticAsync(caller, stored, cancellationToken);
        }

        return made;
    }

    /// <summary>Creates an account from a whole profile, which holds the hash of the password and keeps the vaults that it has.</summary>
    public Task<Outcome<StoredProfile>> CreateFromProfileAsync(
        Caller caller, string username, string organizationId, UserProfileConfig profile, CancellationToken cancellationToken) =>
        CreateAsync(caller, new CreateAccount(username, OrganizationId: organizationId), CometJson.Copy(profile), cancellationToken);

    public async Task<Outcome<AccountInfo>> UpdateAsync(
        Caller caller, string username, UpdateAccount changes, CancellationToken cancellationToken)
    {
        var account = new AccountCaller(caller, username);
        var change = await profiles.ChangeAsync(account, requiredHash: null, (_, profile) => Apply(changes, profile), cancellationToken);
        return change.Refusal is { } refusal ? refusal : await FindAsync(account, cancellationToken);
    }

    /// <summary>
    /// Deletes an account with its sessions, devices, tokens, versions and jobs. Its buckets stay: other accounts may use them, and their
    /// content is readable only with the keys.
    /// </summary>
    /// <param name="removal">Also removes the client from connected devices; null leaves it there.</param>
    public async Task<Refusal?> DeleteAsync(
        Caller caller, string username, CancellationToken cancellationToken, ClientRemoval? removal = null)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<Account>().In(caller.Scope).Where(account => account.Username == username)
            .Select(account => new { account.Id, account.OrganizationId }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return AccountRefusals.NotFound;
        }

        if (removal is not null)
        {
            await clients.RemoveAsync(found.OrganizationId, username, removal, cancellationToken);
        }

        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.Set<Account>().Where(account => account.Id == found.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return AccountRefusals.NotFound;
        }

        database.Add(EventRecord.Of(StreamableEventType.AccountRemoved, time.GetUtcNow(), caller.Name, found.OrganizationId, username));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<Outcome<StoredProfile>> CreateAsync(
        Caller caller, CreateAccount request, UserProfileConfig profile, CancellationToken cancellationToken)
    {
        var username = request.Username ?? "";
        var organization = string.IsNullOrEmpty(request.OrganizationId) ? caller.OrganizationId : request.OrganizationId;
        if (!caller.Scope.Contains(organization))
        {
            return Refusal.Forbidden("forbidden", "You may only create accounts in your own organization.");
        }

        if (!Account.IsAcceptableName(username))
        {
            return AccountRefusals.Invalid("A username must have 1 to 255 letters, digits or _ . @ -");
        }

        if (!organizations.Exists(organization))
        {
            return AccountRefusals.Invalid("There is no organization with this id.");
        }

        if (profile.PolicyID.Length > 0 && caller.Permissions.AllowedPolicies?.Contains(profile.PolicyID) == false)
        {
            return AccountRefusals.Invalid(ProfileActions.OtherPoliciesOnly);
        }

        if (ProfileLimits.ProblemWith(profile) is { } problem)
        {
            return AccountRefusals.Invalid(problem);
        }

        var account = Begin(username, organization, profile);
        if (await SetCredentialAsync(account, request, profile, caller) is { } refusal)
        {
            return refusal;
        }

        profile.AllowPasswordLogin |= !profile.AllowPasswordAndTOTPLogin || account.TotpSecret is null;
        return await profiles.CreateAsync(account, profile, caller.Name, cancellationToken);
    }

    // A profile from another server keeps its creation id from there. Its authenticator app cannot be kept: the other server encrypted the
    // secret.
    private Account Begin(string username, string organizationId, UserProfileConfig profile)
    {
        var now = time.GetUtcNow();
        return new Account
        {
            Id = Guid.CreateVersion7(now),
            Username = username,
            OrganizationId = organizationId,
            CreatedAt = profile.CreateTime > 0 && profile.CreateTime <= now.ToUnixTimeSeconds()
                ? DateTimeOffset.FromUnixTimeSeconds(profile.CreateTime).UtcDateTime
                : now.UtcDateTime,
            CreationId = Guid.TryParse(profile.CreationGUID, out var creation) && creation != Guid.Empty ? creation : Guid.NewGuid(),
            PasswordHash = "",
            Profile = [],
            ProfileHash = "",
        };
    }

    private async Task<Refusal?> SetCredentialAsync(Account account, CreateAccount request, UserProfileConfig profile, Caller caller)
    {
        if (request.LKey is { } lKey)
        {
            if (!PasswordRule.IsLKey(lKey))
            {
                return AccountRefusals.Invalid(PasswordRule.LKeySentence);
            }

            account.PasswordHash = await hashes.OfLKeyAsync(lKey, caller.Address) ?? "";
            return account.PasswordHash.Length == 0 ? AccountRefusals.Busy : null;
        }

        var password = request.Password ?? (profile.PasswordFormat == 0 ? profile.PasswordHash : null);
        if (password is null)
        {
            return KeepHash(account, profile);
        }

        if (PasswordRule.ProblemWith(password) is { } problem)
        {
            return AccountRefusals.Invalid(problem);
        }

        var (done, keys) = await hashes.OfPasswordAsync(account.Username, password, null, caller.Address);
        using (keys)
        {
            if (keys is null)
            {
                return done ? AccountRefusals.Invalid("The password is not text.") : AccountRefusals.Busy;
            }

            account.PasswordHash = keys.Hash;
            account.PasswordRecovery = request.KeepRecovery ? rKeys.Keep(account.Id, keys.RKey) : "";
            return null;
        }
    }

    private static Refusal? KeepHash(Account account, UserProfileConfig profile)
    {
        if (CredentialHasher.ProblemWith(profile.PasswordFormat, profile.PasswordHash) is { } problem)
        {
            return AccountRefusals.Invalid(problem);
        }

        if (ProfileRules.ProblemWithRecovery(profile.PasswordRecovery) is null)
        {
            account.PasswordRecovery = profile.PasswordRecovery;
        }

        (account.PasswordFormat, account.PasswordHash) = ((int)profile.PasswordFormat, profile.PasswordHash);
        return null;
    }

    private static Refusal? Apply(UpdateAccount changes, UserProfileConfig profile)
    {
        profile.IsSuspended = changes.Suspended ?? profile.IsSuspended;
        profile.AccountName = changes.AccountName ?? profile.AccountName;
        profile.RequirePasswordChange = changes.MustChangePassword ?? profile.RequirePasswordChange;
        profile.MaximumDevices = changes.MaximumDevices ?? profile.MaximumDevices;
        return (profile.MaximumDevices < 0 ? "maximumDevices must not be negative." : ProfileLimits.ProblemWith(profile)) is { } problem
            ? AccountRefusals.InvalidProfile(problem)
            : null;
    }

    /// <summary>Only the columns that are shown: profiles are large.</summary>
    public static IQueryable<AccountInfo> Show(IQueryable<Account> accounts) => accounts.Select(account => new AccountInfo(
        account.Username, account.OrganizationId, account.AccountName, account.GroupId, account.PolicyId, account.CreatedAt,
        account.CreationId,
        account.IsSuspended, account.RequirePasswordChange, account.AllowPasswordAndTotpLogin && account.TotpSecret != null,
        account.PasswordRecovery != "", account.LastSignInAt, account.LockedUntil, account.ProfileHash));
}
