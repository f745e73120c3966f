using System.Net;
using System.Security.Cryptography;
using System.Text;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators.Tokens;

/// <summary>Operations of administrators on their own API tokens, and the check of the token of a request.</summary>
internal sealed partial class ApiTokenActions(
    IDbContextFactory<ServerDbContext> databases, AdministratorSessions sessions, TimeProvider time, ILogger<ApiTokenActions> logger)
{
    public const string Prefix = "halley_";
    private const int RandomBytes = 32;
    private const int Most = 100;
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    /// <summary>Makes a token. It outlives every session, so it needs a sign-in of a moment ago.</summary>
    public async Task<Outcome<TokenCreated>> CreateAsync(Caller caller, CreateToken request, CancellationToken cancellationToken)
    {
        if (caller.MustChangePassword)
        {
            return CallerProblems.ChangePasswordFirst;
        }

        if (!await sessions.HasFreshProofAsync(caller, cancellationToken))
        {
            return AdministratorRefusals.FreshSignInRequired;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > ApiToken.LongestName || name.Any(char.IsControl))
        {
            return Refusal.Invalid("token_name_invalid", "name must be 1 to 100 characters.");
        }

        var scopes = request.Scopes?.Select(scope => scope?.ToLowerInvariant() ?? "").Distinct().ToList() ?? [];
        if (scopes.Count == 0 || scopes.Except(TokenScopes.All).Any())
        {
            return Refusal.Invalid("token_scope_invalid", $"scopes must be one or more of {string.Join(", ", TokenScopes.All)}.");
        }

        var expires = request.ExpiresAt?.ToUniversalTime();
        if (expires <= now || expires > now + LongestLife)
        {
            return Refusal.Invalid("token_expiry_invalid", "expiresAt must be in the future and at most a year ahead, or null.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<ApiToken>().CountAsync(token => token.AdministratorId == caller.Id, cancellationToken) >= Most)
        {
            return Refusal.Invalid("token_limit", $"An administrator has at most {Most} tokens; revoke one first.");
        }

        var text = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        var made = new ApiToken
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            AdministratorId = caller.Id,
            Name = name,
            Hash = HashOf(text),
            Scopes = string.Join(' ', scopes),
            CreatedAt = now,
            ExpiresAt = expires,
        };
        database.Add(made);
        database.Add(EventOf(caller));
        await database.SaveChangesAsync(cancellationToken);
        LogCreated(caller.Name, made.Id, made.Scopes);
        return new TokenCreated(text, made.ToWire());
    }

    public async Task<IReadOnlyList<TokenInfo>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<ApiToken>().AsNoTracking().Where(token => token.AdministratorId == caller.Id)
            .OrderBy(token => token.Name).ThenBy(token => token.Id).ToListAsync(cancellationToken);
        return found.ConvertAll(token => token.ToWire());
    }

    /// <summary>Rejects the token from the next request on.</summary>
    public async Task<Refusal?> RevokeAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<ApiToken>().Where(token => token.Id == id && token.AdministratorId == caller.Id)
            .ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Refusal.NotFound("token_not_found", "You have no token with this id.");
        }

        database.Add(EventOf(caller));
        await database.SaveChangesAsync(cancellationToken);
        LogRevoked(caller.Name, id);
        return null;
    }

    /// <summary>The administrator that a token acts for, and the token. Returns null if the token is unknown or has expired.</summary>
    public async Task<(Caller Caller, ApiToken Token)?> UseAsync(
        string text, IPAddress? client, CancellationToken cancellationToken)
    {
        if (text.Length != Prefix.Length + (2 * RandomBytes))
        {
            return null;
        }

        var hash = HashOf(text);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<ApiToken>()
            .Where(token => token.Hash == hash && (token.ExpiresAt == null || token.ExpiresAt > now))
            .Join(
                database.Set<Administrator>(), token => token.AdministratorId, administrator => administrator.Id,
                (token, administrator) => new { Token = token, Administrator = administrator })
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || !AddressRule.Allows(found.Administrator.IPWhitelist, client))
        {
            return null;
        }

        if (found.Token.LastUsedAt is not { } last || now - last >= Exactness)
        {
            await database.Set<ApiToken>().Where(token => token.Id == found.Token.Id).ExecuteUpdateAsync(
                change => change.SetProperty(token => token.LastUsedAt, now), cancellationToken);
        }

        return (found.Administrator.ToCaller(), found.Token);
    }

    private EventRecord EventOf(Caller caller) =>
        EventRecord.Of(StreamableEventType.AdminUpdated, time.GetUtcNow(), caller.Name, caller.OrganizationId, caller.Name);

    // The token is random and can't be guessed, so a plain hash is enough.
    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    [LoggerMessage(LogEvents.ApiTokenCreated, LogLevel.Information, "Administrator {Name} made the API token {Token} ({Scopes})")]
    private partial void LogCreated(string name, Guid token, string scopes);

    [LoggerMessage(LogEvents.ApiTokenRevoked, LogLevel.Information, "Administrator {Name} revoked the API token {Token}")]
    private partial void LogRevoked(string name, Guid token);
}
