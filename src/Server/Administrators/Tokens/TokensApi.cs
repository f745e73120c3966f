using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators.Tokens;

/// <summary><c>/api/v2/tokens</c>: the caller's own.</summary>
internal static class TokensApi
{
    public static void MapTokens(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Tokens").RequireAuthorization(Policies.OwnAccount);
        group.MapGet(Routes.Tokens, ListAsync);
        group.MapPost(Routes.Tokens, CreateAsync);
        group.MapDelete(Routes.Token, RevokeAsync);
    }

    private static async Task<Ok<Page<TokenInfo>>> ListAsync(ApiTokens tokens, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<TokenInfo>(
            await tokens.ListAsync(AdministratorIdentity.From(context.User)!.Id, cancellationToken), Next: null));

    private static async Task<Results<Created<TokenCreated>, ProblemHttpResult>> CreateAsync(
        CreateToken request, ApiTokens tokens, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = AdministratorIdentity.From(context.User)!;
        if (caller.MustChangePassword)
        {
            return Problems.Problem(StatusCodes.Status403Forbidden, "password_change_required", "Change the password first.");
        }

        context.Response.Headers.CacheControl = "no-store";
        var change = await tokens.CreateAsync(caller, request, cancellationToken);
        return change.Created is { } created
            ? TypedResults.Created($"{Routes.Tokens}/{created.Info.Id}", created)
            : Problems.BadRequest(change.Code, change.Reason);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid tokenId, ApiTokens tokens, HttpContext context, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(AdministratorIdentity.From(context.User)!, tokenId, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("token_not_found", "You have no token with this id.");
}
