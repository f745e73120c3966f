using Halley.Server.AuthRole.Accounts;
using Halley.Server.Data;
using Halley.Server.Settings.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Devices;

/// <summary>Devices by tenant, for the statistics.</summary>
internal sealed class DeviceCounting : StatisticsSource
{
    public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
        database.Set<Device>().Join(database.Set<Account>(), device => device.AccountId, account => account.Id, (device, account) => account.OrganizationId)
            .GroupBy(organization => organization).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

    public override void Put(StatisticsSample sample, long count) => sample.Devices = count;
}
