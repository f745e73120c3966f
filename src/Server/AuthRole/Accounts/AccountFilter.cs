using Halley.Server.AuthRole.SignIn;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Which accounts to list; null does not filter.</summary>
internal sealed record AccountFilter(string? Text = null, string? OrganizationId = null, bool? IsSuspended = null)
{
    /// <summary>The accounts that pass the filter, from the first one after a name.</summary>
    public IQueryable<Account> Narrow(IQueryable<Account> accounts, string? after)
    {
        accounts = OrganizationId is null ? accounts : accounts.Where(account => account.OrganizationId == OrganizationId);
        accounts = IsSuspended is null ? accounts : accounts.Where(account => account.IsSuspended == IsSuspended);
        if (Text is { Length: > 0 } text)
        {
            var folded = text.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL
            accounts = accounts.Where(account => account.Username.ToLower().Contains(folded)
                || account.AccountName.ToLower().Contains(folded));
#pragma warning restore CA1304, CA1311, CA1862
        }

        return string.IsNullOrEmpty(after) ? accounts : accounts.Where(account => account.Username.CompareTo(after) > 0);
    }
}
