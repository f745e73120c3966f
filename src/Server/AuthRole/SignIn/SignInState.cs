using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>The columns of an account that decide about a sign-in, without the profile, which is large.</summary>
internal sealed record SignInState(
    Guid Id, string Username, string OrganizationId, int KdfVersion, int PasswordFormat, string PasswordHash, bool AllowPasswordLogin,
    bool AllowPasswordAndTotpLogin, byte[]? TotpSecret, bool IsSuspended, DateTime? LockedUntil, int FailedSignIns, DateTime? LastSignInAt,
    bool RequirePasswordChange, bool PreventsWebAccess)
{
    public StoredCredential Credential => new(PasswordFormat, PasswordHash);

    public bool NeedsCode => AllowPasswordAndTotpLogin && TotpSecret is not null;

    public SignInSubject ToSubject() => new(Id, Username, OrganizationId);

    public AccountIdentity ToIdentity() =>
        new(Id, Username, OrganizationId, MustChangePassword: RequirePasswordChange, MayUseWeb: !PreventsWebAccess);

    public static Task<SignInState?> FindAsync(IQueryable<Account> accounts, string username, CancellationToken cancellationToken) =>
        !Account.IsAcceptableName(username)
            ? Task.FromResult<SignInState?>(null)
            : accounts.Where(account => account.Username == username)
                .Select(account => new SignInState(
                    account.Id, account.Username, account.OrganizationId, account.KdfVersion, account.PasswordFormat, account.PasswordHash,
                    account.AllowPasswordLogin, account.AllowPasswordAndTotpLogin, account.TotpSecret, account.IsSuspended,
                    account.LockedUntil,
                    account.FailedSignIns, account.LastSignInAt, account.RequirePasswordChange, account.PreventsWebAccess))
                .SingleOrDefaultAsync(cancellationToken);
}
