using System.Security.Claims;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
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
        ClaimsPrincipal caller, PolicyStore policies, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var all = await policies.ListAsync(TenantScope.OfCaller(caller), cancellationToken);
        var ordered = all.Where(policy => ActorOf(caller).MayUse(policy.Id) && string.CompareOrdinal(policy.Id, after) > 0).OrderBy(policy => policy.Id, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(ordered, count, ToWire, policy => policy.Id));
    }

    private static async Task<Results<Created<PolicyDetail>, ProblemHttpResult>> CreateAsync(
        CreatePolicy request, ClaimsPrincipal caller, PolicyStore policies, HttpContext context, CancellationToken cancellationToken)
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
        var change = await policies.CreateAsync(request.Id, document, ActorOf(caller), cancellationToken);
        if (change.Stored is not { } made)
        {
            return Refuse(change);
        }

        SetTag(context, made);
        return TypedResults.Created($"{Routes.Policies}/{Uri.EscapeDataString(made.Id)}", Detail(made, rules));
    }

    private static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> GetAsync(
        string policyId, ClaimsPrincipal caller, PolicyStore policies, PolicyDocument documents, HttpContext context, CancellationToken cancellationToken)
    {
        if (!ActorOf(caller).MayUse(policyId) || await policies.FindAsync(policyId, TenantScope.OfCaller(caller), cancellationToken) is not { } policy)
        {
            return Refuse(PolicyChange.NotFound);
        }

        SetTag(context, policy);
        return TypedResults.Ok(Detail(policy, documents.ReadRules(policy)));
    }

    private static async Task<Results<Ok<PolicyDetail>, ProblemHttpResult>> ReplaceAsync(
        string policyId, ReplacePolicy request, ClaimsPrincipal caller, PolicyStore policies, HttpContext context, CancellationToken cancellationToken)
    {
        if (!TryRead(request.Rules, out var rules))
        {
            return RulesInvalid;
        }

        var expected = context.Request.Headers.IfMatch.ToString().Trim('"');
        var document = new GroupPolicy { Description = request.Description ?? "", Policy = rules, DefaultUserPolicy = request.IsDefault };
        var change = await policies.ReplaceAsync(
            policyId, document, expected is "" or "*" ? null : expected, request.DeleteSources ?? [], ActorOf(caller), cancellationToken);
        if (change.Stored is not { } saved)
        {
            return Refuse(change);
        }

        SetTag(context, saved);
        return TypedResults.Ok(Detail(saved, rules));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string policyId, ClaimsPrincipal caller, PolicyStore policies, CancellationToken cancellationToken) =>
        await policies.DeleteAsync(policyId, ActorOf(caller), cancellationToken) ? TypedResults.NoContent() : Refuse(PolicyChange.NotFound);

    private static PolicyActor ActorOf(ClaimsPrincipal caller) => new(TenantScope.OfCaller(caller), caller.Identity?.Name ?? "", Caller.Of(caller).Permissions.AllowedPolicies);

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

    private static void SetTag(HttpContext context, StoredPolicy policy) => context.Response.Headers.ETag = $"\"{policy.Hash}\"";

    private static PolicyDetail Detail(StoredPolicy policy, UserPolicy rules) =>
        new(ToWire(policy), JsonSerializer.SerializeToElement(rules, CometJson.Options));

    private static PolicyInfo ToWire(StoredPolicy policy) =>
        new(policy.Id, policy.Description, policy.OrganizationId, policy.DefaultOf is not null, policy.CreatedAt, policy.ModifiedAt);

    private static ProblemHttpResult RulesInvalid => Problems.BadRequest("rules_invalid", "rules must be a UserPolicy as /api/v1 describes it.");

    private static ProblemHttpResult Refuse(PolicyChange change) => change.Result switch
    {
        PolicyChangeResult.NotFound => Problems.NotFound("policy_not_found", change.Reason!),
        PolicyChangeResult.Stale => Problems.Problem(StatusCodes.Status412PreconditionFailed, "policy_changed", change.Reason!),
        PolicyChangeResult.Taken => Problems.Conflict("policy_exists", change.Reason!),
        _ => Problems.BadRequest("policy_invalid", change.Reason!),
    };
}
