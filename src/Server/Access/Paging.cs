using Halley.Protocol;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Access;

/// <summary>Pages of <c>/api/v2</c> lists: <c>limit</c> entries that follow the entry <c>after</c>.</summary>
internal static class Paging
{
    public const int DefaultLimit = 100;
    public const int MaximumLimit = 1000;

    /// <summary>Returns the number of entries to show; a problem if the caller requests none or too many.</summary>
    public static ProblemHttpResult? Of(int? limit, out int count)
    {
        count = limit ?? DefaultLimit;
        return count is < 1 or > MaximumLimit
            ? Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}; {count} is not.")
            : null;
    }

    /// <summary>
    /// A page of entries, ordered by key. If there are more than <paramref name="count"/> entries, at least one more must have been read.
    /// </summary>
    public static Page<TWire> Page<T, TWire>(IEnumerable<T> ordered, int count, Func<T, TWire> toWire, Func<T, string> key)
    {
        var found = ordered.Take(count + 1).ToList();
        return found.Count > count
            ? new Page<TWire>([.. found.Take(count).Select(toWire)], key(found[count - 1]))
            : new Page<TWire>([.. found.Select(toWire)], Next: null);
    }
}
