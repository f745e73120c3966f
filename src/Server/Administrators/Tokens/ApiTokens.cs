using System.Net;
using System.Security.Cryptography;
using System.Text;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators.Tokens;

/// <summary>A token that was made, or why not.</summary>
internal sealed record TokenChange(TokenCreated? Created, string Code = "", string Reason = "");

/// <summary>Makes, lists, revokes and recognises API tokens.</summary>
internal sealed partial class ApiTokens(IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<ApiTokens> logger)
{
    public const string Prefix = "halley_";
    private const int RandomBytes = 32;
    private const int Most = 100;
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    public async Task<TokenChange> CreateAsync(AdministratorIdentity caller, CreateToken request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > ApiToken.LongestName || name.Any(char.IsControl))
        {
            return new TokenChange(null, "token_name_invalid", "name must be 1 to 100 characters.");
        }

        if (request.Scopes is not { Count: > 0 } scopes || scopes.Any(scope => !TokenScopes.All.Contains(scope)))
        {
            return new TokenChange(null, "token_scope_invalid", $"scopes must be one or more of {string.Join(", ", TokenScopes.All)}.");
        }

        var expires = request.ExpiresAt?.ToUniversalTime();
        if (expires <= now || expires > now + LongestLife)
        {
            return new TokenChange(null, "token_expiry_invalid", "expiresAt must be in the future and at most a year ahead, or null.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<ApiToken>().CountAsync(token => token.AdministratorId == caller.Id, cancellationToken) >= Most)
        {
            return new TokenChange(null, "token_limit", $"An administrator has at most {Most} tokens; revoke one first.");
        }

        var text = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        var made = new ApiToken
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            AdministratorId = caller.Id,
            Name = name,
            Hash = HashOf(text),
            Scopes = string.Join(' ', scopes.Distinct()),
            CreatedAt = now,
            ExpiresAt = expires,
        };
        database.Add(made);
        database.Add(EventOf(caller));
        await database.SaveChangesAsync(cancellationToken);
        LogCreated(caller.Username, made.Id, made.Scopes);
        return new TokenChange(new TokenCreated(text, made.ToWire()));
    }

    public async Task<IReadOnlyList<TokenInfo>> ListAsync(Guid administratorId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<ApiToken>().AsNoTracking().Where(token => token.AdministratorId == administratorId)
            .OrderBy(token => token.Name).ThenBy(token => token.Id).ToListAsync(cancellationToken);
        return found.ConvertAll(token => token.ToWire());
    }

    /// <summary>From the next request on it is refused; false when the caller has no such token.</summary>
    public async Task<bool> RevokeAsync(AdministratorIdentity caller, Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<ApiToken>().Where(token => token.Id == id && token.AdministratorId == caller.Id)
            .ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        database.Add(EventOf(caller));
        await database.SaveChangesAsync(cancellationToken);
        LogRevoked(caller.Username, id);
        return true;
    }

    /// <summary>Revokes whatever tokens an administrator has; for those who do it in his place.</summary>
    public async Task RevokeAllAsync(Guid administratorId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<ApiToken>().Where(token => token.AdministratorId == administratorId).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>For whom a token acts, and which it is; null when it is unknown or has expired.</summary>
    public async Task<(AdministratorIdentity Administrator, ApiToken Token)?> UseAsync(
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

        return (AdministratorIdentity.Of(found.Administrator), found.Token);
    }

    private EventRecord EventOf(AdministratorIdentity caller) =>
        EventRecord.Of(StreamableEventType.AdminUpdated, time.GetUtcNow(), caller.Username, caller.OrganizationId, caller.Username);

    // The token is random, so a plain hash is enough: there is nothing to guess.
    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    [LoggerMessage(LogEvents.ApiTokenCreated, LogLevel.Information, "Administrator {Name} made the API token {Token} ({Scopes})")]
    private partial void LogCreated(string name, Guid token, string scopes);

    [LoggerMessage(LogEvents.ApiTokenRevoked, LogLevel.Information, "Administrator {Name} revoked the API token {Token}")]
    private partial void LogRevoked(string name, Guid token);
}
