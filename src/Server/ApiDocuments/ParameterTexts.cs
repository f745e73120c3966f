using System.Text.RegularExpressions;

namespace Halley.Server.ApiDocuments;

/// <summary>Descriptions of the parameters of <c>/api/v2</c>. A name has the same meaning in every operation.</summary>
internal static partial class ParameterTexts
{
    private static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["after"] = "What the page before gave as next; left out for the first page.",
        ["bucketId"] = "Id of the bucket.",
        ["connected"] = "True lists only devices that are connected, false only the others.",
        ["contains"] = "Lists only entries whose text contains this, in any case.",
        ["from"] = "First day, such as 2026-11-27.",
        ["groupId"] = "Id of the user group.",
        ["keyId"] = "Id of the key, which is not a secret.",
        ["kind"] = "Lists only tasks of this kind, such as drain.",
        ["limit"] = "Most entries of the page, 1 to 1000; 100 when it is left out.",
        ["limitId"] = "Id of the bandwidth limit.",
        ["minSeverity"] = "Lists only entries of this severity or a higher one: D (debug), I, W or E.",
        ["newsId"] = "Id of the news item.",
        ["organization"] = "Lists only what belongs to the organization with this id; empty for the top level.",
        ["organizationId"] = "Id of the organization.",
        ["q"] = "Lists only accounts whose name contains this.",
        ["state"] = "Lists only findings in this state.",
        ["suspended"] = "True lists only suspended accounts, false only the others.",
        ["to"] = "Last day, such as 2026-11-27.",
        ["type"] = "Lists only events of this type, such as 4100.",
        ["unfinished"] = "True leaves out tasks that are done or cancelled.",
        ["user"] = "Name of the account that the device belongs to.",
        ["username"] = "Name of the account.",
        ["versionId"] = "Id of the older profile.",
    };

    public static string Of(string name) => ByName.GetValueOrDefault(name)
        ?? (IdOf().Match(name) is { Success: true } id ? $"Id of the {id.Groups["thing"].Value}."
            : throw new InvalidOperationException($"The parameter {name} has no description; add one here."));

    [GeneratedRegex("^(?<thing>[a-z]+)Id$")]
    private static partial Regex IdOf();
}
