using System.Linq.Expressions;
using Halley.Protocol.Comet;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>A search, or why there is none.</summary>
internal sealed record JobSearchParsing(JobSearch? Search, string Reason);

/// <summary>
/// A <see cref="SearchClause"/> that has been checked. It can decide about a record; and the database can narrow down what has to be
/// decided about, exactly so when all of its fields are columns.
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

    /// <summary>True when what <see cref="Narrow"/> leaves is the answer; otherwise <see cref="Matches"/> has to be asked about each of them.</summary>
    public bool IsExact { get; }

    public static JobSearchParsing Parse(SearchClause clause, long now)
    {
        var parser = new SearchParser(now);
        return parser.Parse(clause, 1) is { } node ? new JobSearchParsing(new JobSearch(node), "") : new JobSearchParsing(null, parser.Reason);
    }

    public IQueryable<BackupJob> Narrow(IQueryable<BackupJob> jobs) => _narrow is null ? jobs : jobs.Where(_narrow);

    public bool Matches(BackupJobDetail detail) => _matches(detail);
}
