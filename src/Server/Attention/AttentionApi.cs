using Halley.Protocol;
using Halley.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Attention;

/// <summary><c>/api/v2/attention</c>.</summary>
internal static class AttentionApi
{
    public static void MapAttention(this RouteGroupBuilder group) => group.MapGet(Routes.Attention, ListAsync);

    private static async Task<Ok<Page<AttentionItem>>> ListAsync(
        Caller caller, AttentionActions attention, CancellationToken cancellationToken) =>
        TypedResults.Ok(await attention.ListAsync(caller, cancellationToken));
}
