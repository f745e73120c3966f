using System.Linq.Expressions;
using Halley.Protocol.Jobs;
using Halley.Server.Access;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>
/// A checked <see cref="SearchClause"/>. It matches single records, and narrows a query of the database; when all of its fields are
/// columns, the narrowed query is exact.
/// </summary>
internal sealed class JobSearch
{
    private readonly Func<BackupJobDetail, bool> _matches;
    private readonly Expression<Func<BackupJob, bool>>? _narrow;

    internal JobSearch(SearchNode node)
    {
        _matches = node.Matches;
        _narrow = node.Narrow is null ? null : Expression.Lambda<Func<BackupJob, bool>>(node.Narrow, SearchNode.Job);
        IsExact = node.IsExact;
    }

    /// <summary>True when the narrowed query is the result; otherwise each row must also pass <see cref="Matches"/>.</summary>
    public bool IsExact { get; }

    public static Refusal Invalid(string reason) => Refusal.Invalid("search_invalid", reason);

    public static Outcome<JobSearch> Parse(SearchClause clause, long now)
    {
        var parser = new SearchParser(now);
        return parser.Parse(clause, 1) is { } node ? new JobSearch(node) : Invalid(parser.Reason);
    }

    public IQueryable<BackupJob> Narrow(IQueryable<BackupJob> jobs) => _narrow is null ? jobs : jobs.Where(_narrow);

    public bool Matches(BackupJobDetail detail) => _matches(detail);
}
