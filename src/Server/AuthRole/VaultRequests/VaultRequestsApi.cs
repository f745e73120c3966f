using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary><c>/api/v2/vault-templates</c> and the vaults made by them, for administrators and for users.</summary>
internal static class VaultRequestsApi
{
    public static void MapVaultRequests(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Routes.VaultTemplates, List).WithTags("Vaults").RequireAuthorization(Policies.Administrator);
        endpoints.MapPost(Routes.AccountVaults, RequestAsync).WithTags("Vaults")
            .RequireAuthorization(Policies.AdministratorWho(Requires.RequestStorageVault));
        var own = endpoints.MapGroup("").WithTags("User").RequireAuthorization(Policies.Account);
        own.MapGet(Routes.UserVaultTemplates, ListOwn);
        own.MapPost(Routes.UserVaults, RequestOwnAsync);
    }

    private static Results<Ok<Page<VaultTemplateInfo>>, ProblemHttpResult> ListOwn(
        AccountIdentity user, VaultTemplateActions templates, string? after, int? limit) =>
        Answer(templates.List(user), after, limit);

    private static Results<Ok<Page<VaultTemplateInfo>>, ProblemHttpResult> List(
        Caller caller, VaultTemplateActions templates, string? organizationId, string? after, int? limit) =>
        Answer(templates.List(caller, organizationId), after, limit);

    private static Results<Ok<Page<VaultTemplateInfo>>, ProblemHttpResult> Answer(
        IEnumerable<VaultTemplateInfo> templates, string? after, int? limit)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var ordered = templates
            .Where(template => string.CompareOrdinal(template.Id, after) > 0).OrderBy(template => template.Id, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(ordered, count, template => template, template => template.Id));
    }

    private static Task<Results<Created<VaultRequested>, ProblemHttpResult>> RequestAsync(
        string username, RequestVault request, Caller caller, VaultRequestActions vaults, HttpContext context,
        CancellationToken cancellationToken) =>
        MakeAsync(new AccountCaller(caller, username), request, vaults, context, cancellationToken);

    private static Task<Results<Created<VaultRequested>, ProblemHttpResult>> RequestOwnAsync(
        RequestVault request, AccountIdentity user, VaultRequestActions vaults, HttpContext context, CancellationToken cancellationToken) =>
        MakeAsync(new AccountCaller(user), request, vaults, context, cancellationToken);

    private static async Task<Results<Created<VaultRequested>, ProblemHttpResult>> MakeAsync(
        AccountCaller caller, RequestVault request, VaultRequestActions vaults, HttpContext context, CancellationToken cancellationToken)
    {
        var expected = context.Request.Headers.IfMatch.ToString().Trim('"');
        var outcome = await vaults.RequestAsync(caller, request, expected is "" or "*" ? null : expected, cancellationToken);
        if (!outcome.TryGet(out var made, out var refusal))
        {
            return refusal.ToProblem();
        }

        var vault = made.Stored.Profile.Destinations[made.Id];
        context.Response.Headers.ETag = $"\"{made.Stored.Hash}\"";
        return TypedResults.Created(
            Routes.ToAccountVault(caller.Username, made.Id),
            new VaultRequested(made.Id, vault.DestinationType, vault.CometServer, vault.CometBucket));
    }
}
