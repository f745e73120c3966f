using Halley.Server.Data;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Settings.Statistics;

/// <summary>Counts users, devices and buckets every hour. Keeps hourly counts for a month and daily counts for three years.</summary>
internal sealed class StatisticsWork(
    IDbContextFactory<ServerDbContext> databases, IEnumerable<StatisticsSource> sources, TimeProvider time) : SingleRun
{
    private static readonly TimeSpan ByHour = TimeSpan.FromDays(31);
    private static readonly TimeSpan ByDay = TimeSpan.FromDays(3 * 366);

    // The last run of an hour wins. Runs must not overlap, or an older count could be stored last.
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var hour = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var samples = new Dictionary<string, StatisticsSample>();
        foreach (var source in sources)
        {
            foreach (var (organization, count) in await source.CountAsync(database, cancellationToken))
            {
                samples.TryAdd(organization, new StatisticsSample { At = hour, OrganizationId = organization });
                source.Put(samples[organization], count);
            }
        }

        samples.TryAdd("", new StatisticsSample { At = hour, OrganizationId = "" });
        await SaveAsync(database, hour, samples.Values, cancellationToken);
        await PruneAsync(database, now, cancellationToken);
    }

    /// <summary>The present counts of one organization, or of all (null).</summary>
    public async Task<StatisticsSample> CountAsync(string? organizationId, CancellationToken cancellationToken)
    {
        var sum = new StatisticsSample { At = time.GetUtcNow().UtcDateTime, OrganizationId = organizationId ?? "" };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var source in sources)
        {
            var counts = await source.CountAsync(database, cancellationToken);
            source.Put(sum, organizationId is null ? counts.Values.Sum() : counts.GetValueOrDefault(organizationId));
        }

        return sum;
    }

    /// <summary>The stored counts, oldest first, of one organization, or of all (null).</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="changesOnly">Leaves out a count between two equal ones, which adds nothing to a curve.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<IReadOnlyList<StatisticsSample>> ListAsync(
        string? organizationId, bool changesOnly, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<StatisticsSample>().AsNoTracking()
            .Where(sample => organizationId == null || sample.OrganizationId == organizationId).OrderBy(sample => sample.At)
            .ToListAsync(cancellationToken);
        var samples = rows.GroupBy(sample => sample.At).Select(hour => new StatisticsSample
        {
            At = hour.Key,
            OrganizationId = organizationId ?? "",
            Users = hour.Sum(sample => sample.Users),
            Devices = hour.Sum(sample => sample.Devices),
            Buckets = hour.Sum(sample => sample.Buckets),
        }).ToList();
        return changesOnly
            ? [.. samples.Where((sample, at) => at == 0 || at == samples.Count - 1
                || !AreAlike(samples[at - 1], sample) || !AreAlike(sample, samples[at + 1]))]
            : samples;
    }

    private static bool AreAlike(StatisticsSample one, StatisticsSample other) =>
        (one.Users, one.Devices, one.Buckets) == (other.Users, other.Devices, other.Buckets);

    // Another instance may count the same hour.
    private static async Task SaveAsync(
        ServerDbContext database, DateTime hour, IEnumerable<StatisticsSample> samples, CancellationToken cancellationToken)
    {
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<StatisticsSample>().Where(sample => sample.At == hour).ExecuteDeleteAsync(cancellationToken);
        database.AddRange(samples);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            // The other instance was faster; its counts are as good.
        }
    }

    private static async Task PruneAsync(ServerDbContext database, DateTime now, CancellationToken cancellationToken)
    {
        var (hours, days) = (now - ByHour, now - ByDay);
        await database.Set<StatisticsSample>().Where(sample => sample.At < days || (sample.At < hours && sample.At.Hour != 0))
            .ExecuteDeleteAsync(cancellationToken);
    }
}
