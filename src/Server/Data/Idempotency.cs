using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Data;

/// <summary>
/// Lets a client repeat a POST if it does not know whether the first one arrived: with the same <c>Idempotency-Key</c> it gets the same
/// response, and nothing is done twice. Only successes are kept, so a refused request can be tried again. They are encrypted, since they
/// may contain a secret.
/// </summary>
internal sealed class Idempotency(
    IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, GrowthBudget growth, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    // A request that is cut off by the end of the process leaves its mark behind. No request takes longer than this.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(5);
    private static readonly string[] KeptHeaders = ["Location", "ETag", "Content-Type", "Cache-Control"];

    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Idempotency");

    /// <summary>
    /// True for an endpoint that accepts the key: a POST of an authenticated caller. Keys of anonymous callers cannot be told apart.
    /// </summary>
    public static bool IsTakenBy(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true
            && metadata.GetMetadata<IAllowAnonymous>() is null;

    public async Task AnswerAsync(HttpContext context, string key, RequestDelegate next)
    {
        if (key.Length > IdempotentAnswer.LongestKey || key.Any(letter => letter is < ' ' or > '~'))
        {
            await Problems.BadRequest("idempotency_key_invalid",
                $"{Headers.IdempotencyKey} must have 1 to {IdempotentAnswer.LongestKey} printable ASCII characters.")
                .ExecuteAsync(context);
            return;
        }

        var body = await ReadAsync(context);
        var caller = $"{context.User.FindFirstValue(CallerKind.Claim)}:{context.User.FindFirstValue(ClaimTypes.NameIdentifier)}";
        var mark = new IdempotentAnswer
        {
            Caller = caller,
            Key = key,
            RequestHash = SHA256.HashData(Encoding.UTF8.GetBytes(AddressOf(context))),
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        if (await FindAsync(mark, body, context.RequestAborted) is { } earlier)
        {
            await earlier.ExecuteAsync(context);
            return;
        }

        KeptAnswer? answer = null;
        try
        {
            answer = await CaptureAsync(context, body, next);
        }
        finally
        {
            // Also if the client has disconnected: it will retry.
            await KeepAsync(mark, answer);
        }

        // An empty refusal is left to the middleware that writes a problem.
        if (answer.Body.Length > 0)
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    /// <summary>The response to an earlier request with this key. Returns null if this is the first one, and marks it as running.</summary>
    private async Task<IResult?> FindAsync(IdempotentAnswer mark, byte[] body, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var (old, stuck) = (mark.CreatedAt - Kept, mark.CreatedAt - LongestRequest);
        await database.Set<IdempotentAnswer>().Where(row => row.CreatedAt < old || (row.Status == null && row.CreatedAt < stuck))
            .ExecuteDeleteAsync(cancellationToken);
        database.Add(mark);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException error) when (error.IsUniqueViolation())
        {
            database.ChangeTracker.Clear();
        }

        var earlier = await database.Set<IdempotentAnswer>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Caller == mark.Caller && row.Key == mark.Key, cancellationToken);
        if (earlier is not { Answer: { } answer })
        {
            return Problems.Conflict("request_in_progress", "The first request with this key is still at work; ask again in a moment.");
        }

        var kept = JsonSerializer.Deserialize<KeptAnswer>(_protector.Unprotect(answer))!;
        return earlier.RequestHash.AsSpan().SequenceEqual(mark.RequestHash)
            && kept.RequestHash.AsSpan().SequenceEqual(SHA256.HashData(body))
            ? kept
            : Problems.Problem(
                StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused",
                    "This key was sent with another request; take a new one for each.");
    }

    private async Task KeepAsync(IdempotentAnswer mark, KeptAnswer? answer)
    {
        await using var database = await databases.CreateDbContextAsync();
        var row = database.Set<IdempotentAnswer>().Where(row => row.Caller == mark.Caller && row.Key == mark.Key);
        if (answer is not { Status: >= 200 and < 300 })
        {
            await row.ExecuteDeleteAsync();
            return;
        }

        var kept = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(answer));
        growth.Count(kept.Length);
        int? status = answer.Status;
        await row.ExecuteUpdateAsync(change => change.SetProperty(one => one.Status, status).SetProperty(one => one.Answer, kept));
    }

    private static string AddressOf(HttpContext context) => $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";

    // Reads into memory, never into a file: the body may contain a password. The endpoint limits its length.
    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var copy = new MemoryStream();
        await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
        var body = copy.ToArray();
        context.Request.Body = new MemoryStream(body);
        return body;
    }

    private static async Task<KeptAnswer> CaptureAsync(HttpContext context, byte[] request, RequestDelegate next)
    {
        var original = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var written = new MemoryStream();
        var captured = new StreamResponseBodyFeature(written);
        context.Features.Set<IHttpResponseBodyFeature>(captured);
        try
        {
            await next(context);
            await captured.CompleteAsync();
        }
        finally
        {
            context.Features.Set(original);
        }

        var headers = KeptHeaders.Where(context.Response.Headers.ContainsKey)
            .ToDictionary(name => name, name => context.Response.Headers[name].ToString(), StringComparer.Ordinal);
        return new KeptAnswer(context.Response.StatusCode, headers, written.ToArray(), SHA256.HashData(request));
    }

    /// <summary>
    /// A response, with the digest of its request's body. The digest is encrypted, too; in clear text it would let others guess a password
    /// in the body.
    /// </summary>
    private sealed record KeptAnswer(int Status, Dictionary<string, string> Headers, byte[] Body, byte[] RequestHash) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = Status;
            foreach (var (name, value) in Headers)
            {
                httpContext.Response.Headers[name] = value;
            }

            httpContext.Response.Headers[Protocol.Headers.IdempotentReplayed] = "true";
            if (Body.Length > 0)
            {
                await httpContext.Response.Body.WriteAsync(Body, httpContext.RequestAborted);
            }
        }
    }
}
