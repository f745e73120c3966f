using System.Linq.Expressions;
using Halley.Protocol.Jobs;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>
/// A part of a search. <paramref name="Narrow"/> is true at least for all rows that match; null when the database cannot narrow it.
/// <paramref name="IsExact"/> means that it is true for no others.
/// </summary>
internal sealed record SearchNode(Func<BackupJobDetail, bool> Matches, Expression? Narrow, bool IsExact)
{
    /// <summary>The row that all expressions are about.</summary>
    public static readonly ParameterExpression Job = Expression.Parameter(typeof(BackupJob), "job");

    public static readonly SearchNode Everything = new(_ => true, null, IsExact: true);

    private static readonly SearchNode Nothing = new(_ => false, Expression.Constant(false), IsExact: true);

    public static SearchNode All(IReadOnlyList<SearchNode> parts) => new(
        detail => parts.All(part => part.Matches(detail)),
        parts.Select(part => part.Narrow)
            .Aggregate((left, right) => left is null ? right : right is null ? left : Expression.AndAlso(left, right)),
        parts.All(part => part.IsExact));

    public static SearchNode Any(IReadOnlyList<SearchNode> parts) => new(
        detail => parts.Any(part => part.Matches(detail)),
        parts.Select(part => part.Narrow).Aggregate((left, right) => left is null || right is null ? null : Expression.OrElse(left, right)),
        parts.All(part => part.IsExact));

    /// <summary>The parts joined; no parts at all match everything with "and", nothing with "or".</summary>
    public static SearchNode Join(IReadOnlyList<SearchNode> parts, bool all) => parts.Count == 0
        ? (all ? Everything : Nothing)
        : all ? All(parts) : Any(parts);

    /// <summary>
    /// The opposite. The negation of a superset of the matching rows would miss rows, so only an exact condition can be used.
    /// </summary>
    public SearchNode Not() => new(
        detail => !Matches(detail),
        !IsExact ? null : Narrow is null ? Expression.Constant(false) : Expression.Not(Narrow),
        IsExact);

    /// <summary>A comparison of a column with a value, which is sent as a parameter.</summary>
    public static Expression Compare(LambdaExpression column, ExpressionType comparison, object value)
    {
        var left = new Rename(column.Parameters[0]).Visit(column.Body);
        var holder = Activator.CreateInstance(typeof(Holder<>).MakeGenericType(value.GetType()), value)!;
        return Expression.MakeBinary(comparison, left, Expression.Property(Expression.Constant(holder), "Value"));
    }

    private sealed record Holder<T>(T Value);

    private sealed class Rename(ParameterExpression from) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? Job : node;
    }
}
