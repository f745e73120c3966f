using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Agent.Running;

/// <summary>A checked <see cref="SearchClause"/> about the files of a snapshot.</summary>
internal sealed class FileSearch
{
    private const int Deepest = 20;
    private const int LongestPattern = 1000;

    private readonly Func<SnapshotNode, bool> _matches;

    private FileSearch(Func<SnapshotNode, bool> matches) => _matches = matches;

    /// <summary>Reads a clause.</summary>
    /// <exception cref="RunnerException">It makes no sense.</exception>
    public static FileSearch Parse(SearchClause clause) => new(Read(clause, 1));

    public bool Matches(SnapshotNode entry) => _matches(entry);

    /// <summary>The type of an entry as the vendor's clients name it.</summary>
    public static string TypeOf(Node node) => Encoding.ASCII.GetString(NodeTypeText.Of(node.Type));

    public static SearchResultFileInfo ToWire(SnapshotNode entry) => new()
    {
        Path = entry.DisplayPath,
        Name = entry.Node.DisplayName,
        Type = TypeOf(entry.Node),
        Mode = ModeOf(entry.Node),
        ModTime = TimeOf(entry.Node.ModifyTime),
        AccessTime = TimeOf(entry.Node.AccessTime),
        ChangeTime = TimeOf(entry.Node.ChangeTime),
        Size = entry.Node.Size,
    };

    private static Func<SnapshotNode, bool> Read(SearchClause clause, int depth)
    {
        if (depth > Deepest)
        {
            throw Invalid("it is too deep");
        }

        return clause.ClauseType switch
        {
            "" when clause is { RuleField: "", RuleOperator: "" } => static _ => true,
            "" => ReadRule(clause),
            "and" => All(clause, depth),
            "or" => Any(clause, depth),
            "not_and" => Not(All(clause, depth)),
            "not_or" => Not(Any(clause, depth)),
            _ => throw Invalid($"'{clause.ClauseType}' is not a kind of clause: use and, or, not_and, not_or or none"),
        };
    }

    private static Func<SnapshotNode, bool> All(SearchClause clause, int depth)
    {
        var parts = clause.ClauseChildren.ConvertAll(child => Read(child, depth + 1));
        return entry => parts.TrueForAll(part => part(entry));
    }

    private static Func<SnapshotNode, bool> Any(SearchClause clause, int depth)
    {
        var parts = clause.ClauseChildren.ConvertAll(child => Read(child, depth + 1));
        return entry => parts.Exists(part => part(entry));
    }

    private static Func<SnapshotNode, bool> Not(Func<SnapshotNode, bool> part) => entry => !part(entry);

    private static Func<SnapshotNode, bool> ReadRule(SearchClause clause)
    {
        var (field, rule, value) = (clause.RuleField[(clause.RuleField.LastIndexOf('.') + 1)..], clause.RuleOperator, clause.RuleValue);
        return rule.StartsWith("int_", StringComparison.Ordinal)
            ? ReadNumber(NumberOf(field), rule, value)
            : ReadText(TextOf(field), rule, value);
    }

    // A field is named as in the answer, with any prefix.
    private static Func<SnapshotNode, string> TextOf(string field) => field.ToUpperInvariant() switch
    {
        "PATH" => static entry => entry.DisplayPath,
        "NAME" => static entry => entry.Node.DisplayName,
        "TYPE" => static entry => TypeOf(entry.Node),
        "MODE" => static entry => ModeOf(entry.Node),
        _ when NumberOf(field) is { } number => entry => number(entry).ToString(CultureInfo.InvariantCulture),
        _ => throw Invalid($"there is no field '{field}': use path, name, type, mode, size, mtime, atime or ctime"),
    };

    private static Func<SnapshotNode, long>? NumberOf(string field) => field.ToUpperInvariant() switch
    {
        "SIZE" => static entry => (long)entry.Node.Size,
        "MTIME" or "MODTIME" => static entry => SecondsOf(entry.Node.ModifyTime),
        "ATIME" or "ACCESSTIME" => static entry => SecondsOf(entry.Node.AccessTime),
        "CTIME" or "CHANGETIME" => static entry => SecondsOf(entry.Node.ChangeTime),
        _ => null,
    };

    private static Func<SnapshotNode, bool> ReadNumber(Func<SnapshotNode, long>? field, string rule, string value)
    {
        if (field is null || !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw Invalid($"{rule} needs the field size, mtime, atime or ctime and a number");
        }

        return rule switch
        {
            "int_eq" => entry => field(entry) == number,
            "int_neq" => entry => field(entry) != number,
            "int_gt" => entry => field(entry) > number,
            "int_gte" => entry => field(entry) >= number,
            "int_lt" => entry => field(entry) < number,
            "int_lte" => entry => field(entry) <= number,
            _ => throw Unknown(rule),
        };
    }

    private static Func<SnapshotNode, bool> ReadText(Func<SnapshotNode, string> field, string rule, string value)
    {
        if (rule is "str_regexmatch" or "str_nregexmatch")
        {
            var (expression, isWanted) = (ReadExpression(value), rule == "str_regexmatch");
            return entry => expression.IsMatch(field(entry)) == isWanted;
        }

        var ignoresCase = rule.EndsWith("_ci", StringComparison.Ordinal);
        var comparison = ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return (ignoresCase ? rule[..^3] : rule) switch
        {
            "str_eq" => entry => field(entry).Equals(value, comparison),
            "str_neq" => entry => !field(entry).Equals(value, comparison),
            "str_contains" => entry => field(entry).Contains(value, comparison),
            "str_ncontains" => entry => !field(entry).Contains(value, comparison),
            "str_startswith" => entry => field(entry).StartsWith(value, comparison),
            "str_nstartswith" => entry => !field(entry).StartsWith(value, comparison),
            "str_endswith" => entry => field(entry).EndsWith(value, comparison),
            "str_nendswith" => entry => !field(entry).EndsWith(value, comparison),
            _ => throw Unknown(rule),
        };
    }

    private static Regex ReadExpression(string pattern)
    {
        try
        {
            return pattern.Length <= LongestPattern
                ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
                : throw Invalid($"the expression is longer than {LongestPattern} characters");
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw Invalid($"'{pattern}' cannot be used as a regular expression: {error.Message}");
        }
    }

    private static RunnerException Unknown(string rule) => Invalid($"'{rule}' is not an operator");

    private static RunnerException Invalid(string reason) =>
        new(RunnerException.InvalidArguments, $"The search cannot be understood: {reason}.");

    private static long SecondsOf(VaultTime time) => time.ToDateTimeOffset().ToUnixTimeSeconds();

    private static string TimeOf(VaultTime time) =>
        time.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);

    private static string ModeOf(Node node) => Convert.ToString(NodeMode.ToUnix(node.Mode), 8).PadLeft(4, '0');
}
