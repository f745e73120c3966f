using Halley.Server.Data;

namespace Halley.Server.Settings.Statistics;

/// <summary>Something that is counted by tenant; each folder that has such rows registers one.</summary>
internal abstract class StatisticsSource
{
    /// <summary>The number for each tenant that has any.</summary>
    public abstract Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken);

    public abstract void Put(StatisticsSample sample, long count);
}
