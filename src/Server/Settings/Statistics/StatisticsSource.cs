using Halley.Server.Data;

namespace Halley.Server.Settings.Statistics;

/// <summary>A number that is counted for each organization; each folder with such rows registers one.</summary>
internal abstract class StatisticsSource
{
    /// <summary>The number for each organization that has any.</summary>
    public abstract Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken);

    public abstract void Put(StatisticsSample sample, long count);
}
