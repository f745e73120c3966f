using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary><c>/api/v2/vault-templates</c> and the vaults made by them.</summary>
internal static class VaultRequestsApi
{
    public static void MapVaultRequests(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Routes.VaultTemplates, List).WithTags("Vaults").RequireAuthorization(Policies.Administrator);
        endpoints.MapPost(Routes.AccountVaults, RequestAsync).WithTags("Vaults")
            .RequireAuthorization(Policies.AdministratorWho(Requires.RequestStorageVault));
    }

    private static Results<Ok<Page<VaultTemplateInfo>>, ProblemHttpResult> List(
        ClaimsPrincipal caller, VaultTemplates templates, string? organizationId, string? after, int? limit)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var scope = TenantScope.OfCaller(caller);
        var organization = string.IsNullOrEmpty(organizationId) ? scope.OrganizationId ?? "" : organizationId;
        var ordered = (scope.Contains(organization) ? templates.Of(organization) : [])
            .Where(template => string.CompareOrdinal(template.ID, after) > 0).OrderBy(template => template.ID, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(
            ordered,
            count,
            template => new VaultTemplateInfo(
                template.ID,
                template.Description,
                template.Type,
                template.RemoteAddress == VaultTemplates.Self,
                template.StorageLimitEnabled ? template.StorageLimitBytes : null),
            template => template.ID));
    }

    private static async Task<Results<Created<VaultRequested>, ProblemHttpResult>> RequestAsync(
        string username, RequestVault request, ClaimsPrincipal caller, VaultMaking making, HttpContext context, CancellationToken cancellationToken)
    {
        var expected = context.Request.Headers.IfMatch.ToString().Trim('"');
        var outcome = await making.RequestAsync(
            new VaultRequest(
                username,
                TenantScope.OfCaller(caller),
                caller.Identity?.Name ?? "",
                request.TemplateId ?? "",
                request.SelfAddress ?? "",
                request.DeviceId ?? "",
                expected is "" or "*" ? null : expected,
                AllowedTypes: CallerPermissions.Providers(caller)),
            cancellationToken);
        if (outcome.Stored is not { } stored)
        {
            return Refuse(outcome);
        }

        var vault = stored.Profile.Destinations[outcome.VaultId];
        context.Response.Headers.ETag = $"\"{stored.Hash}\"";
        return TypedResults.Created(
            $"{Routes.AccountVaults.Replace("{username}", Uri.EscapeDataString(username), StringComparison.Ordinal)}/{outcome.VaultId}",
            new VaultRequested(outcome.VaultId, vault.DestinationType, vault.CometServer, vault.CometBucket));
    }

    private static ProblemHttpResult Refuse(VaultRequestOutcome outcome) => outcome.Result switch
    {
        VaultRequestResult.UnknownAccount => Problems.NotFound("account_not_found", outcome.Reason!),
        VaultRequestResult.UnknownTemplate => Problems.NotFound("vault_template_not_found", outcome.Reason!),
        VaultRequestResult.Stale => Problems.Problem(StatusCodes.Status412PreconditionFailed, "profile_changed", outcome.Reason!),
        VaultRequestResult.Forbidden => Problems.Problem(StatusCodes.Status403Forbidden, "vault_not_allowed", outcome.Reason!),
        VaultRequestResult.ProviderFailed => Problems.Problem(StatusCodes.Status502BadGateway, "vault_not_made", outcome.Reason!),
        _ => Problems.BadRequest("vault_request_invalid", outcome.Reason!),
    };
}
