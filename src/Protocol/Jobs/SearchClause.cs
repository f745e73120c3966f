using Halley.Protocol.Comet;

namespace Halley.Protocol.Jobs;

/// <summary>
/// A question about records: a rule, or several joined by <c>and</c>, <c>or</c>, <c>not_and</c>, <c>not_or</c>. An empty clause matches
/// all.
/// </summary>
public class SearchClause : CometDocument
{
    public string ClauseType { get; set; } = "";
    public string RuleField { get; set; } = "";
    public string RuleOperator { get; set; } = "";

    /// <summary>Always text.</summary>
    public string RuleValue { get; set; } = "";

    [OmitEmpty]
    public List<SearchClause> ClauseChildren { get; set; } = [];
}
