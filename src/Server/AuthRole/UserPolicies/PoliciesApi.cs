using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Policies;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary><c>/api/v2/policies</c>.</summary>
internal static class PoliciesApi
{
    public static void MapPolicies(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Policies").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Policies, ListAsync);
        group.MapPost(Routes.Policies, CreateAsync);
        group.MapGet(Routes.Policy, GetAsync);
        group.MapPut(Routes.Policy, ReplaceAsync);
        group.MapDelete(Routes.Policy, DeleteAsync);
    }

    private static async Task<Results<Ok<Page<PolicyInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, PolicyActions policies, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var all = await policies.ListAsync(caller, organizationId: null, cancellationToken);
        var ordered = all.Where(policy => string.CompareOrdinal(policy.Id, after) > 0).OrderBy(policy => policy.Id, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(ordered, count, ToWire, policy => policy.Id));
    }

    private static async Task<Results<Created<PolicyDetail>, ProblemHttpResult>> CreateAsync(
        CreatePolicy request, Caller caller, PolicyActions policies, HttpContext context, CancellationToken cancellationToken)
    {
        if (!TryRead(request.Rules, out var rules))
        {
            return RulesInvalid;
        }

        var document = new GroupPolicy
        {
            Description = request.Description ?? "",
            OrganizationID = request.OrganizationId ?? "",
            Policy = rules,
            DefaultUserPolicy = request.IsDefault,
        };
        return (await policies.CreateAsync(caller, request.Id, document, cancellationToken)).TryGet(out var made, out var refusal)
            ? TypedResults.Created(Routes.ToPolicy(made.Id), Detail(context, made, rules))
            : refusal.ToProblem();
    }

    private static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> GetAsync(
        string policyId, Caller caller, PolicyActions policies, PolicyDocument documents, HttpContext context,
        CancellationToken cancellationToken) =>
        (await policies.FindAsync(caller, policyId, cancellationToken)).TryGet(out var policy, out var refusal)
            ? TypedResults.Ok(Detail(context, policy, documents.ReadRules(policy)))
            : refusal.ToProblem();

    private static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> ReplaceAsync(
        string policyId, ReplacePolicy request, Caller caller, PolicyActions policies, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (!TryRead(request.Rules, out var rules))
        {
            return RulesInvalid;
        }

        var expected = context.Request.Headers.IfMatch.ToString().Trim('"');
        var document = new GroupPolicy { Description = request.Description ?? "", Policy = rules, DefaultUserPolicy = request.IsDefault };
        var outcome = await policies.ReplaceAsync(
            caller, policyId, document, expected is "" or "*" ? null : expected, request.DeleteSources ?? [], cancellationToken);
        return outcome.TryGet(out var saved, out var refusal) ? TypedResults.Ok(Detail(context, saved, rules)) : refusal.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string policyId, Caller caller, PolicyActions policies, CancellationToken cancellationToken) =>
        await policies.DeleteAsync(caller, policyId, cancellationToken) is { } refusal ? refusal.ToProblem() : TypedResults.NoContent();

    private static bool TryRead(JsonElement? json, out UserPolicy rules)
    {
        rules = new UserPolicy();
        try
        {
            rules = json is { ValueKind: not JsonValueKind.Null } given ? given.Deserialize<UserPolicy>(CometJson.Options)! : rules;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static PolicyDetail Detail(HttpContext context, StoredPolicy policy, UserPolicy rules)
    {
        context.Response.Headers.ETag = $"\"{policy.Hash}\"";
        return new PolicyDetail(ToWire(policy), JsonSerializer.SerializeToElement(rules, CometJson.Options));
    }

    private static PolicyInfo ToWire(StoredPolicy policy) =>
        new(policy.Id, policy.Description, policy.OrganizationId, policy.DefaultOf is not null, policy.CreatedAt, policy.ModifiedAt);

    private static ProblemHttpResult RulesInvalid => Problems.BadRequest(
        "rules_invalid", "rules must be a UserPolicy as /api/v1 describes it.");
}
