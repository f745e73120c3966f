using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Buckets;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>Warns each time a bucket or an organization reaches a step of its quota.</summary>
internal sealed partial class QuotaWarningWork(
    BucketCache cache, OrganizationCache organizations, QuotaGate gate, IDbContextFactory<ServerDbContext> databases, TimeProvider time,
    ILogger<QuotaWarningWork> logger) : SingleRun
{
    private readonly Dictionary<string, QuotaLevel> _levels = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var bucket in cache.All.Where(bucket => bucket.Quota != QuotaLimits.None || _levels.ContainsKey(bucket.Id)))
        {
            var row = database.Set<Bucket>().Where(row => row.Id == bucket.Id);
            var used = bucket.Usage.Now.Used;
            var level = QuotaLevels.Of(bucket.Quota, used);
            var before = await BeforeAsync(bucket.Id, row.Select(stored => stored.QuotaLevel), cancellationToken);
            if (level != before)
            {
                await row.ExecuteUpdateAsync(set => set.SetProperty(stored => stored.QuotaLevel, (int)level), cancellationToken);
                await WarnAsync(
                    database, StreamableEventType.BucketQuotaReached, bucket.Id, bucket.OrganizationId, level & ~before, used,
                    cancellationToken);
                _levels[bucket.Id] = level;
            }
        }

        foreach (var organization in organizations.All.Values
            .Where(one => one.Quota != QuotaLimits.None || _levels.ContainsKey(KeyOf(one.Id))))
        {
            var row = database.Set<StoredOrganization>().Where(row => row.Id == organization.Id);
            var used = gate.UsedBy(organization.Id);
            var level = QuotaLevels.Of(organization.Quota, used);
            var before = await BeforeAsync(KeyOf(organization.Id), row.Select(stored => stored.QuotaLevel), cancellationToken);
            if (level != before)
            {
                await row.ExecuteUpdateAsync(set => set.SetProperty(stored => stored.QuotaLevel, (int)level), cancellationToken);
                await WarnAsync(
                    database, StreamableEventType.TenantQuotaReached, organization.Id, organization.Id, level & ~before, used,
                    cancellationToken);
                _levels[KeyOf(organization.Id)] = level;
            }
        }
    }

    private static string KeyOf(string organizationId) => $"/{organizationId}"; // no bucket id begins with a slash

    private async Task<QuotaLevel> BeforeAsync(string key, IQueryable<int> stored, CancellationToken cancellationToken)
    {
        if (!_levels.TryGetValue(key, out var level))
        {
            _levels[key] = level = (QuotaLevel)await stored.FirstOrDefaultAsync(cancellationToken);
        }

        return level;
    }

    private async Task WarnAsync(
        ServerDbContext database, StreamableEventType type, string id, string organizationId, QuotaLevel reached, long used,
        CancellationToken cancellationToken)
    {
        if (reached == QuotaLevel.None)
        {
            return;
        }

        var what = QuotaLevels.Describe(reached);
        var data = JsonSerializer.Serialize(new { reached = what, usedBytes = used });
        database.Add(EventRecord.Of(type, time.GetUtcNow(), "", organizationId, id, data));
        await database.SaveChangesAsync(cancellationToken);
        LogReached(logger, id, what, used);
    }

    [LoggerMessage(LogEvents.QuotaReached, LogLevel.Warning, "{Id} has reached {What}: {Used} bytes")]
    private static partial void LogReached(ILogger logger, string id, string what, long used);
}
