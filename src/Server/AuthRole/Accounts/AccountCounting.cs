using Halley.Server.Data;
using Halley.Server.Settings.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Accounts by tenant, for the statistics.</summary>
internal sealed class AccountCounting : StatisticsSource
{
    public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<Account>().GroupBy(row => row.OrganizationId).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

    public override void Put(StatisticsSample sample, long count) => sample.Users = count;
}
