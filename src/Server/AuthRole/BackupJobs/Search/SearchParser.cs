using System.Globalization;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Halley.Protocol.Jobs;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>Checks a clause with all below it and turns it into nodes; after a null, <see cref="Reason"/> has the error.</summary>
internal sealed class SearchParser(long now)
{
    private const int Deepest = 20;
    private const int MostClauses = 500;
    private const int MostPatterns = 50;
    private const int LongestValue = 10_000;
    private int _clauses;
    private int _patterns;

    public string Reason { get; private set; } = "";

    public SearchNode? Parse(SearchClause clause, int depth)
    {
        if (depth > Deepest || ++_clauses > MostClauses)
        {
            return Refuse($"A search has at most {MostClauses} clauses, {Deepest} levels deep.");
        }

        return clause.ClauseType switch
        {
            "" when clause is { RuleField: "", RuleOperator: "", RuleValue: "" } => SearchNode.Everything,
            "" => ParseRule(clause),
            "and" => ParseChildren(clause, depth, all: true),
            "or" => ParseChildren(clause, depth, all: false),
            "not_and" => ParseChildren(clause, depth, all: true)?.Not(),
            "not_or" => ParseChildren(clause, depth, all: false)?.Not(),
            _ => Refuse("ClauseType must be empty, and, or, not_and or not_or."),
        };
    }

    private SearchNode? ParseChildren(SearchClause clause, int depth, bool all)
    {
        var parts = new List<SearchNode>();
        foreach (var child in clause.ClauseChildren)
        {
            if (child is null || Parse(child, depth + 1) is not { } part)
            {
                return child is null ? Refuse("ClauseChildren must not hold null.") : null;
            }

            parts.Add(part);
        }

        return SearchNode.Join(parts, all);
    }

    private SearchNode? ParseRule(SearchClause clause)
    {
        if (JobField.Find(clause.RuleField, now) is not { } field)
        {
            return Refuse($"RuleField must be one of {string.Join(", ", JobField.Names)}.");
        }

        if (clause.RuleValue.Length > LongestValue)
        {
            return Refuse($"RuleValue must have at most {LongestValue} characters.");
        }

        return clause.RuleOperator.Split('_', 2)[0] switch
        {
            "str" when clause.RuleOperator.Length > "str_".Length => ParseText(field, clause.RuleOperator, clause.RuleValue),
            "int" => ParseNumber(field, clause),
            "bool" => ParseTruth(field, clause),
            _ => RefuseOperator(),
        };
    }

    private SearchNode? ParseText(JobField field, string @operator, string value)
    {
        var name = @operator["str_".Length..];
        var comparison = StringComparison.Ordinal;
        if (name.EndsWith("_ci", StringComparison.Ordinal))
        {
            (name, comparison) = (name[..^"_ci".Length], StringComparison.OrdinalIgnoreCase);
        }

        if (name is "regexmatch" or "nregexmatch" && comparison == StringComparison.Ordinal)
        {
            return ParsePattern(field, value) is { } match ? (name[0] == 'n' ? match.Not() : match) : null;
        }

        return name switch
        {
            "eq" => Equal(field, value, comparison),
            "neq" => Equal(field, value, comparison).Not(),
            "contains" => Test(field, text => text.Contains(value, comparison)),
            "ncontains" => Test(field, text => !text.Contains(value, comparison)),
            "startswith" => Test(field, text => text.StartsWith(value, comparison)),
            "nstartswith" => Test(field, text => !text.StartsWith(value, comparison)),
            "endswith" => Test(field, text => text.EndsWith(value, comparison)),
            "nendswith" => Test(field, text => !text.EndsWith(value, comparison)),
            _ => RefuseOperator(),
        };
    }

    private SearchNode? ParsePattern(JobField field, string value)
    {
        if (++_patterns > MostPatterns)
        {
            return Refuse($"A search has at most {MostPatterns} regular expressions.");
        }

        return Re2Pattern.Parse(value, out var reason) is { } pattern
            ? Test(field, text => IsMatch(pattern, text))
            : Refuse($"RuleValue {reason}.");
    }

    private SearchNode? ParseNumber(JobField field, SearchClause clause)
    {
        if (field.Number is not { } number)
        {
            return Refuse($"{clause.RuleOperator} needs a number, and {clause.RuleField} is text; use one of the str_ operators.");
        }

        if (!long.TryParse(clause.RuleValue, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return Refuse($"RuleValue must be a whole number for {clause.RuleOperator}.");
        }

        return clause.RuleOperator switch
        {
            "int_eq" => Number(ExpressionType.Equal, actual => actual == value),
            "int_neq" => Number(ExpressionType.NotEqual, actual => actual != value),
            "int_gt" => Number(ExpressionType.GreaterThan, actual => actual > value),
            "int_gte" => Number(ExpressionType.GreaterThanOrEqual, actual => actual >= value),
            "int_lt" => Number(ExpressionType.LessThan, actual => actual < value),
            "int_lte" => Number(ExpressionType.LessThanOrEqual, actual => actual <= value),
            _ => RefuseOperator(),
        };

        SearchNode Number(ExpressionType comparison, Func<long, bool> test) =>
            field.Column is { } column
                ? new SearchNode(detail => test(number(detail)), SearchNode.Compare(column, comparison, value), IsExact: true)
                : new SearchNode(detail => test(number(detail)), null, IsExact: false);
    }

    // No field of a job is a truth value; of a number, everything but 0 counts as true.
    private SearchNode? ParseTruth(JobField field, SearchClause clause)
    {
        if (field.Number is not { } number || clause.RuleOperator is not ("bool_is" or "bool_nis"))
        {
            return clause.RuleOperator is "bool_is" or "bool_nis"
                ? Refuse($"{clause.RuleOperator} needs a truth value or a number, and {clause.RuleField} is text.")
                : RefuseOperator();
        }

        if (clause.RuleValue is not ("true" or "false" or "1" or "0"))
        {
            return Refuse($"RuleValue must be true or false for {clause.RuleOperator}.");
        }

        var wanted = (clause.RuleValue is "true" or "1") == (clause.RuleOperator == "bool_is");
        return new SearchNode(detail => (number(detail) != 0) == wanted, null, IsExact: false);
    }

    private static SearchNode Equal(JobField field, string value, StringComparison comparison)
    {
        bool Matches(BackupJobDetail detail) => string.Equals(field.Text(detail), value, comparison);

        // Text that a database rejects as a parameter is in none of its rows either, but Matches decides that.
        var canAsk = field is { Number: null, Column: not null } && comparison == StringComparison.Ordinal && value.All(char.IsAscii)
            && !value.Any(char.IsControl);
        return canAsk
            ? new SearchNode(Matches, SearchNode.Compare(field.Column!, ExpressionType.Equal, value), IsExact: true)
            : new SearchNode(Matches, null, IsExact: false);
    }

    private static SearchNode Test(JobField field, Func<string, bool> test) =>
        new(detail => test(field.Text(detail)), null, IsExact: false);

    // The time limit guards against mistakes: these expressions take linear time.
    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private SearchNode? RefuseOperator() => Refuse(
        "RuleOperator must be str_ with eq, neq, contains, ncontains, startswith, nstartswith, endswith or nendswith (each also with _ci), "
        + "str_regexmatch, str_nregexmatch, int_ with eq, neq, gt, gte, lt or lte, bool_is or bool_nis.");

    private SearchNode? Refuse(string reason)
    {
        Reason = reason;
        return null;
    }
}
