using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Accounts;

internal static class AccountQueries
{
    /// <summary>The accounts that a caller may see.</summary>
    public static IQueryable<Account> In(this IQueryable<Account> accounts, TenantScope scope) =>
        scope.OrganizationId is { } organization ? accounts.Where(account => account.OrganizationId == organization) : accounts;
}
