using Halley.Protocol;
using Halley.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators.Tokens;

/// <summary><c>/api/v2/tokens</c>: the caller's own tokens.</summary>
internal static class TokensApi
{
    public static void MapTokens(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Tokens").RequireAuthorization(Policies.OwnAccount);
        group.MapGet(Routes.Tokens, ListAsync);
        group.MapPost(Routes.Tokens, CreateAsync);
        group.MapDelete(Routes.Token, RevokeAsync);
    }

    private static async Task<Ok<Page<TokenInfo>>> ListAsync(Caller caller, ApiTokenActions tokens, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<TokenInfo>(await tokens.ListAsync(caller, cancellationToken), Next: null));

    private static async Task<Results<Created<TokenCreated>, ProblemHttpResult>> CreateAsync(
        CreateToken request, Caller caller, ApiTokenActions tokens, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return (await tokens.CreateAsync(caller, request, cancellationToken)).TryGet(out var created, out var refusal)
            ? TypedResults.Created(Routes.ToToken(created.Info.Id), created)
            : refusal.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid tokenId, Caller caller, ApiTokenActions tokens, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(caller, tokenId, cancellationToken) is { } refusal ? refusal.ToProblem() : TypedResults.NoContent();
}
