using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Halley.Server.Data;

/// <summary>
/// Lets a client repeat a request that makes something, when it does not know whether the first one arrived: with the same
/// <c>Idempotency-Key</c> it gets the same answer, and nothing is made twice. Only successes are kept: a refusal may be asked again.
/// </summary>
internal sealed class Idempotency(
    IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, IOptions<JsonOptions> json, TimeProvider time) : IEndpointFilter
{
    public const string Header = "Idempotency-Key";
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    // A request that was cut off by the end of the process leaves its mark behind; nothing takes that long.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(5);

    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Idempotency");

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0)
        {
            return await next(context);
        }

        if (key.Length > IdempotentAnswer.LongestKey || key.Any(letter => letter is < ' ' or > '~'))
        {
            return Problems.BadRequest("idempotency_key_invalid", $"{Header} must have 1 to {IdempotentAnswer.LongestKey} printable ASCII characters.");
        }

        var caller = $"{http.User.FindFirstValue(CallerKind.Claim)}:{http.User.FindFirstValue(ClaimTypes.NameIdentifier)}";
        var mark = new IdempotentAnswer { Caller = caller, Key = key, RequestHash = HashOf(context), CreatedAt = time.GetUtcNow().UtcDateTime };
        if (await FindAsync(mark, http.RequestAborted) is { } earlier)
        {
            return earlier;
        }

        object? result = null;
        try
        {
            result = await next(context);
        }
        finally
        {
            // Also for a client that has gone: it will ask again.
            await KeepAsync(mark, result, CancellationToken.None);
        }

        return result;
    }

    /// <summary>The answer to an earlier request with this key; null when this is the first, which is then marked as at work.</summary>
    private async Task<IResult?> FindAsync(IdempotentAnswer mark, CancellationToken cancellationToken)
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
        return earlier switch
        {
            { Status: { } status, Answer: { } answer } when earlier.RequestHash.AsSpan().SequenceEqual(mark.RequestHash) =>
                JsonSerializer.Deserialize<KeptAnswer>(_protector.Unprotect(answer))!.ToResult(status),
            { Status: null } or null => Problems.Conflict("request_in_progress", "The first request with this key is still at work; ask again in a moment."),
            _ => Problems.Problem(
                StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused", "This key was sent with another request; take a new one for each."),
        };
    }

    private async Task KeepAsync(IdempotentAnswer mark, object? result, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = database.Set<IdempotentAnswer>().Where(row => row.Caller == mark.Caller && row.Key == mark.Key);
        var answer = result is INestedHttpResult nested ? nested.Result : result;
        if (answer is not IStatusCodeHttpResult { StatusCode: { } status and >= 200 and < 300 })
        {
            await row.ExecuteDeleteAsync(cancellationToken);
            return;
        }

        var body = answer is IValueHttpResult { Value: { } value }
            ? JsonSerializer.Serialize(value, value.GetType(), json.Value.SerializerOptions)
            : null;
        var location = answer.GetType().GetProperty("Location")?.GetValue(answer)?.ToString();
        var kept = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(new KeptAnswer(location, body)));
        int? stored = status;
        await row.ExecuteUpdateAsync(
            change => change.SetProperty(one => one.Status, stored).SetProperty(one => one.Answer, kept), cancellationToken);
    }

    private static byte[] HashOf(EndpointFilterInvocationContext context)
    {
        var request = context.HttpContext.Request;
        var body = context.Arguments.Where(argument => argument?.GetType().Namespace?.StartsWith("Halley.Protocol", StringComparison.Ordinal) == true)
            .Select(argument => JsonSerializer.Serialize(argument));
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}\n{string.Join('\n', body)}"));
    }

    private sealed record KeptAnswer(string? Location, string? Body)
    {
        public Repeated ToResult(int status) => new Repeated(status, Location, Body);
    }

    private sealed class Repeated(int status, string? location, string? body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers.Location = location;
            httpContext.Response.Headers.CacheControl = "no-store";
            if (body is null)
            {
                return Task.CompletedTask;
            }

            httpContext.Response.ContentType = "application/json; charset=utf-8";
            return httpContext.Response.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
