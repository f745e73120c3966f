using System.Collections.Frozen;
using Halley.Protocol;
using Halley.Protocol.Organizations;
using Halley.Server.Data;
using Halley.Server.Instances;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Organizations;

/// <summary>
/// All organizations in memory, because every request needs them. They are read again after each change, on this or another instance, and
/// every few seconds.
/// </summary>
internal sealed class OrganizationCache : IDisposable
{
    private readonly IDbContextFactory<ServerDbContext> _databases;
    private readonly OrganizationDocument _documents;
    private readonly ChangeNotices _notices;
    private readonly SemaphoreSlim _loading = new(1);
    private FrozenDictionary<string, KnownOrganization> _known = FrozenDictionary<string, KnownOrganization>.Empty;

    public OrganizationCache(IDbContextFactory<ServerDbContext> databases, OrganizationDocument documents, ChangeNotices notices)
    {
        (_databases, _documents, _notices) = (databases, documents, notices);
        notices.Follow(Changes.Organizations, () => LoadAsync(CancellationToken.None));
    }

    public IReadOnlyDictionary<string, KnownOrganization> All => Volatile.Read(ref _known);

    /// <summary>Loads after a change on this instance, and notifies the others.</summary>
    public Task LoadChangedAsync(CancellationToken cancellationToken)
    {
        _notices.Announce(Changes.Organizations);
        return LoadAsync(cancellationToken);
    }

    /// <summary>Reads the changes. Called at start, every few seconds, and on a notice of another instance.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await using var database = await _databases.CreateDbContextAsync(cancellationToken);
            var versions = await database.Set<StoredOrganization>().Select(row => new { row.Id, row.Version })
                .ToListAsync(cancellationToken);
            var known = _known;
            var stale = versions.Where(row => known.GetValueOrDefault(row.Id)?.Version != row.Version).Select(row => row.Id).ToList();
            if (stale.Count == 0 && versions.Count == known.Count)
            {
                return;
            }

            var read = await database.Set<StoredOrganization>().AsNoTracking().Include(row => row.Hosts)
                .Where(row => stale.Contains(row.Id)).ToListAsync(cancellationToken);
            var kept = versions.Where(row => !stale.Contains(row.Id)).Select(row => known[row.Id]);
            Volatile.Write(
                ref _known, kept.Concat(read.Select(Know)).ToFrozenDictionary(organization => organization.Id, StringComparer.Ordinal));
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>True for the top level and for every existing organization.</summary>
    public bool Exists(string id) => id.Length == 0 || All.ContainsKey(id);

    public KnownOrganization? Find(string id) => All.GetValueOrDefault(id);

    /// <summary>The organization that a request's host belongs to; null for hosts of the top level.</summary>
    public KnownOrganization? OfHost(HostString host) => All.Values.FirstOrDefault(organization => organization.HasHost(host));

    /// <summary>
    /// Whether people of an organization may use this host. They may not while it is suspended or deleted. If it has hosts of its own, they
    /// may use only those.
    /// </summary>
    public bool Admits(string id, HostString host) =>
        id.Length == 0
            || (Find(id) is { IsSuspended: false } organization && (organization.Hosts.Count == 0 || organization.HasHost(host)));

    public void Dispose() => _loading.Dispose();

    private KnownOrganization Know(StoredOrganization row) =>
        new(row.Id, row.CreatedAt, row.Version, _documents.Read(row), new QuotaLimits(row.SoftQuotaBytes, row.HardQuotaBytes));
}

/// <summary>An organization as it was last read. The object is shared: to change it, call <see cref="OrganizationActions"/>.</summary>
internal sealed record KnownOrganization(string Id, DateTime CreatedAt, Guid Version, Organization Document, QuotaLimits Quota)
{
    public string Name => Document.Name;

    public bool IsSuspended => Document.IsSuspended;

    public IReadOnlyList<string> Hosts => Document.Hosts;

    public OrganizationInfo ToWire() => new(Id, Name, Hosts, IsSuspended, CreatedAt, Quota.SoftBytes, Quota.HardBytes);

    public bool HasHost(HostString host) => Hosts.Any(name => HostNames.Match(name, host));
}
