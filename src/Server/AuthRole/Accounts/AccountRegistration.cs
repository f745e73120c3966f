using System.Net;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Accounts come and go.</summary>
internal sealed class AccountRegistration(
    IDbContextFactory<ServerDbContext> databases, AccountHashes hashes, AccountRecovery recovery, ProfileDocument documents, FillNewProfile fill,
    OrganizationDirectory organizations, TimeProvider time)
{
    private const string NameRule = "A username must have 1 to 255 letters, digits or _ . @ -";

    public async Task<AccountChange> CreateAsync(NewAccount request, string actor, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!Account.IsAcceptableName(request.Username))
        {
            return AccountChange.Refused(NameRule);
        }

        if (!organizations.Exists(request.OrganizationId))
        {
            return AccountChange.Refused("There is no organization with this id.");
        }

        var profile = request.Profile is null ? Blank(request) : CometJson.Copy(request.Profile);
        if (ProfileLimits.ProblemWith(profile) is { } problem)
        {
            return AccountChange.Refused(problem);
        }

        var account = Begin(request, profile);
        return await SetCredentialAsync(account, request, profile, client) ?? await SaveAsync(account, profile, actor, cancellationToken);
    }

    /// <summary>
    /// Deletes an account with its sessions, devices, tokens, versions and jobs. Its buckets stay: they may be shared, and what is in them can
    /// be read by nobody who has not the keys.
    /// </summary>
    public async Task<bool> DeleteAsync(string username, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<Account>().In(scope).Where(account => account.Username == username)
            .Select(account => new { account.Id, account.OrganizationId }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return false;
        }

        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.Set<Account>().Where(account => account.Id == found.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        database.Add(EventRecord.Of(StreamableEventType.AccountRemoved, time.GetUtcNow(), actor, found.OrganizationId, username));
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static UserProfileConfig Blank(NewAccount request) => new()
    {
        AccountName = request.AccountName,
        LocalTimezone = "Etc/UTC",
        LanguageCode = "en_US",
        SendEmailReports = true,
        AllowPasswordLogin = true,
        RequirePasswordChange = request.RequirePasswordChange,
    };

    private Account Begin(NewAccount request, UserProfileConfig profile)
    {
        var now = time.GetUtcNow();
        // A profile from another server says when and as what the account was made there; one-time codes cannot come along, because their
        // secret is encrypted by that server.
        return new Account
        {
            Id = Guid.CreateVersion7(now),
            Username = request.Username,
            OrganizationId = request.OrganizationId,
            CreatedAt = profile.CreateTime > 0 && profile.CreateTime <= now.ToUnixTimeSeconds()
                ? DateTimeOffset.FromUnixTimeSeconds(profile.CreateTime).UtcDateTime
                : now.UtcDateTime,
            CreationId = Guid.TryParse(profile.CreationGUID, out var creation) && creation != Guid.Empty ? creation : Guid.NewGuid(),
            PasswordHash = "",
            Profile = [],
            ProfileHash = "",
        };
    }

    private async Task<AccountChange?> SetCredentialAsync(Account account, NewAccount request, UserProfileConfig profile, IPAddress? client)
    {
        if (request.LKey is { } lKey)
        {
            if (!PasswordRule.IsLKey(lKey))
            {
                return AccountChange.Refused(PasswordRule.LKeySentence);
            }

            account.PasswordHash = await hashes.OfLKeyAsync(lKey, client) ?? "";
            return account.PasswordHash.Length == 0 ? AccountChange.Busy : null;
        }

        var password = request.Password ?? (profile.PasswordFormat == 0 ? profile.PasswordHash : null);
        if (password is null)
        {
            return KeepHash(account, profile);
        }

        if (PasswordRule.ProblemWith(password) is { } problem)
        {
            return AccountChange.Refused(problem);
        }

        var (done, keys) = await hashes.OfPasswordAsync(account.Username, password, null, client);
        using (keys)
        {
            if (keys is null)
            {
                return done ? AccountChange.Refused("The password is not text.") : AccountChange.Busy;
            }

            account.PasswordHash = keys.Hash;
            account.PasswordRecovery = request.KeepRecovery ? recovery.Keep(account.Id, keys.RKey) : "";
            return null;
        }
    }

    private static AccountChange? KeepHash(Account account, UserProfileConfig profile)
    {
        if (profile.PasswordFormat > int.MaxValue || !CredentialHasher.IsWellFormed((int)profile.PasswordFormat, profile.PasswordHash))
        {
            return AccountChange.Refused("PasswordFormat and PasswordHash are not a hash that this server can check.");
        }

        if (ProfileRules.ProblemWithRecovery(profile.PasswordRecovery) is null)
        {
            account.PasswordRecovery = profile.PasswordRecovery;
        }

        (account.PasswordFormat, account.PasswordHash) = ((int)profile.PasswordFormat, profile.PasswordHash);
        return null;
    }

    private async Task<AccountChange> SaveAsync(Account account, UserProfileConfig profile, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await fill(database, account.OrganizationId, profile, cancellationToken) is { } refusal)
        {
            return AccountChange.Refused(refusal);
        }

        var now = time.GetUtcNow();
        profile.AllowPasswordLogin |= !profile.AllowPasswordAndTOTPLogin || account.TotpSecret is null;
        database.Add(EventRecord.Of(StreamableEventType.AccountNew, now, actor, account.OrganizationId, account.Username));
        await DeviceRows.FollowAsync(database, account, profile, actor, now, cancellationToken);
        documents.Write(account, profile, now.UtcDateTime);
        database.Add(account);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.IsUniqueViolation())
        {
            return new AccountChange(AccountChangeResult.NameTaken, Reason: "There is an account with this name already.");
        }

        return new AccountChange(AccountChangeResult.Done, new StoredProfile(account, documents.Read(account)));
    }
}
