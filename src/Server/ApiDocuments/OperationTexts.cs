using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Halley.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Halley.Server.ApiDocuments;

/// <summary>
/// Gives every operation of <c>/api/v2</c> an id and a summary from the name of its handler, the description of its route, a description of
/// each parameter, and the answers that are not its success.
/// </summary>
internal sealed partial class OperationTexts : IOperationFilter
{
    private const string Problem = "A problem document; its code and detail say more.";

    // Where the names of feature and handler do not make a sentence.
    private static readonly Dictionary<string, string> Summaries = new(StringComparer.Ordinal)
    {
        ["Attention_List"] = "List what needs attention.",
        ["AccountParts_Restore"] = "Restore an older profile.",
        ["Scrubs_Verify"] = "Verify files of a bucket.",
        ["Scrubs_Dismiss"] = "Dismiss a finding.",
        ["Devices_Drop"] = "Close the connection of a device.",
        ["Devices_Give"] = "Give a command to a device.",
        ["Devices_Withdraw"] = "Withdraw a command.",
        ["Lobby_SignIn"] = "Sign a waiting device in.",
        ["Lobby_Dismiss"] = "Dismiss a waiting device.",
        ["Events_Stream"] = "Stream events.",
        ["News_Publish"] = "Publish news.",
        ["News_Delete"] = "Delete news.",
        ["Policies_Get"] = "Get policy.",
        ["Policies_Create"] = "Create policy.",
        ["Policies_Replace"] = "Replace policy.",
        ["Policies_Delete"] = "Delete policy.",
        ["Sessions_EndCurrent"] = "End the session of this request.",
        ["SignIn_PreLogin"] = "Ask how a user signs in.",
        ["SignIn_Redeem"] = "Redeem an install token.",
        ["Trash_Restore"] = "Restore deleted files.",
        ["Trash_ListBuckets"] = "List deleted buckets.",
        ["VaultRequests_Request"] = "Request a vault.",
        ["VaultRequests_ListOwn"] = "List the templates for own vaults.",
        ["VaultRequests_RequestOwn"] = "Request an own vault.",
        ["OwnKey_Succeed"] = "Add a successor of the key.",
        ["OwnKey_Retire"] = "Retire the key.",
        ["LostFiles_List"] = "List the files that the bucket has lost.",
        ["LostFiles_ReportHealed"] = "Report lost files that are no longer needed.",
        ["LostFiles_Reread"] = "Read files of the bucket again.",
        ["Moves_Drain"] = "Drain a volume.",
        ["Moves_Rebalance"] = "Rebalance the volumes.",
    };

    private static readonly Lazy<Dictionary<string, string>> RouteTexts = new(ReadRoutes);

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.MethodInfo?.DeclaringType is not { } feature)
        {
            return;
        }

        var subject = feature.Name.Replace("Api", "", StringComparison.Ordinal);
        var verb = context.MethodInfo.Name.Replace("Async", "", StringComparison.Ordinal);
        operation.OperationId = $"{subject}_{verb}";
        operation.Summary ??= Summaries.GetValueOrDefault(operation.OperationId) ?? SummaryOf(subject, verb);
        operation.Description ??= RouteTexts.Value.GetValueOrDefault($"/{context.ApiDescription.RelativePath}");
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= ParameterTexts.Of(parameter.Name ?? "");
        }

        AddAnswers(operation, context);
    }

    private static void AddAnswers(OpenApiOperation operation, OperationFilterContext context)
    {
        var isAnonymous = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any();
        var hasPath = operation.Parameters?.Any(parameter => parameter.In == ParameterLocation.Path) == true;
        var hasInput = operation.RequestBody is not null || operation.Parameters?.Count > 0;
        var schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemDetails), context.SchemaRepository);
        operation.Responses ??= [];
        foreach (var (status, text, happens) in new[]
        {
            ("400", "The request does not fit: the detail names field or parameter, value, and what is allowed.", hasInput),
            ("401", "There is no valid session or token.", !isAnonymous),
            ("403", "The caller may not do this.", !isAnonymous),
            ("404", "There is nothing with this id that the caller may see.", hasPath),
            ("default", Problem, true),
        })
        {
            if (happens && !operation.Responses.ContainsKey(status))
            {
                operation.Responses.Add(status, new OpenApiResponse
                {
                    Description = text,
                    Content = new Dictionary<string, IOpenApiMediaType>
                    {
                        ["application/problem+json"] = new OpenApiMediaType { Schema = schema },
                    },
                });
            }
        }
    }

    // "ListKeys" of "Buckets" is "List keys"; "List" is "List buckets", and "Get" is "Get bucket".
    private static string SummaryOf(string subject, string verb)
    {
        var words = Words(verb);
        var things = Words(subject);
        return Sentence(words.Contains(' ', StringComparison.Ordinal) ? words
            : $"{words} {(words == "list" ? things : things.TrimEnd('s'))}");
    }

    private static string Words(string name) => Capital().Replace(name, " $0").Trim().ToLowerInvariant();

    private static string Sentence(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..] + ".";

    // The comments of the routes, which say what each method of an address does.
    private static Dictionary<string, string> ReadRoutes()
    {
        var comments = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Halley.Protocol.xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary"));
        return typeof(Routes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral)
            .GroupBy(field => Constraint().Replace((string)field.GetRawConstantValue()!, ""))
            .ToDictionary(
                group => group.Key, group => TextOf(comments.GetValueOrDefault($"F:{typeof(Routes).FullName}.{group.First().Name}")));
    }

    private static string TextOf(XElement? summary) => summary is null ? "" : Blank().Replace(
        string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement element when element.Attribute("cref") is { } reference => reference.Value.Split('.')[^1].Split('`')[0],
            XElement element => element.Value,
            _ => node.ToString(),
        })), " ").Trim();

    [GeneratedRegex("(?<=.)[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex(@"(?<=\{[^}]*):[^}]*(?=\})")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
