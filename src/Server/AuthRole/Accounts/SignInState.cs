using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>What a sign-in is decided by: the columns of an account without its profile, which is large.</summary>
internal sealed record SignInState(
    Guid Id, string Username, string OrganizationId, int KdfVersion, int PasswordFormat, string PasswordHash, bool AllowPasswordLogin,
    bool AllowPasswordAndTotpLogin, byte[]? TotpSecret, bool IsSuspended, DateTime? LockedUntil, int FailedSignIns, DateTime? LastSignInAt,
    bool RequirePasswordChange, bool PreventsWebAccess)
{
    public StoredCredential Credential => new(PasswordFormat, PasswordHash);

    public bool NeedsCode => AllowPasswordAndTotpLogin && TotpSecret is not null;

    public AccountIdentity ToIdentity() =>
        new(Id, Username, OrganizationId, MustChangePassword: RequirePasswordChange, MayUseWeb: !PreventsWebAccess);

    public static Task<SignInState?> FindAsync(IQueryable<Account> accounts, string username, CancellationToken cancellationToken) =>
        !Account.IsAcceptableName(username)
            ? Task.FromResult<SignInState?>(null)
            : accounts.Where(account => account.Username == username)
                .Select(account => new SignInState(
                    account.Id, account.Username, account.OrganizationId, account.KdfVersion, account.PasswordFormat, account.PasswordHash,
                    account.AllowPasswordLogin, account.AllowPasswordAndTotpLogin, account.TotpSecret, account.IsSuspended, account.LockedUntil,
                    account.FailedSignIns, account.LastSignInAt, account.RequirePasswordChange, account.PreventsWebAccess))
                .SingleOrDefaultAsync(cancellationToken);
}
