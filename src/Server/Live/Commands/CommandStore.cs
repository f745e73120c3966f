using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Live.Commands;

/// <summary>The rows of commands. A row that has ended does not change any more.</summary>
internal sealed class CommandStore(
    IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, GrowthBudget growth, TimeProvider time)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.DeviceCommands");

    public async Task AddAsync(StoredCommand command, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(command);
        await database.SaveChangesAsync(cancellationToken);
    }

    public async Task<StoredCommand?> FindAsync(Guid id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).SingleOrDefaultAsync(command => command.Id == id, cancellationToken);
    }

    /// <summary>The commands of a device, the newest first, without their answers, each of which may have many megabytes.</summary>
    public async Task<List<StoredCommand>> ListAsync(
        DeviceKey device, DateTime? before, int most, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = In(database, TenantScope.Everything)
            .Where(command => command.AccountId == device.AccountId && command.DeviceId == device.DeviceId);
        found = before is { } time ? found.Where(command => command.CreatedAt < time) : found;
        return await found.OrderByDescending(command => command.CreatedAt).Take(most).Select(command => new StoredCommand
        {
            Id = command.Id,
            AccountId = command.AccountId,
            DeviceId = command.DeviceId,
            Username = command.Username,
            OrganizationId = command.OrganizationId,
            Kind = command.Kind,
            Arguments = command.Arguments,
            State = command.State,
            Code = command.Code,
            Message = command.Message,
            Actor = command.Actor,
            CreatedAt = command.CreatedAt,
            ExpiresAt = command.ExpiresAt,
            SentAt = command.SentAt,
            EndedAt = command.EndedAt,
        }).ToListAsync(cancellationToken);
    }

    /// <summary>The commands of a device that have not ended, in the order in which they were given.</summary>
    public async Task<List<StoredCommand>> OpenAsync(DeviceKey device, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredCommand>().AsNoTracking()
            .Where(command => command.AccountId == device.AccountId && command.DeviceId == device.DeviceId && command.EndedAt == null)
            .OrderBy(command => command.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<List<DeviceKey>> DevicesWithQueuedAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<StoredCommand>().Where(command => command.EndedAt == null && command.State == CommandStates.Queued)
            .Select(command => new { command.AccountId, command.DeviceId }).Distinct().ToListAsync(cancellationToken);
        return [.. found.Select(command => new DeviceKey(command.AccountId, command.DeviceId))];
    }

    /// <summary>Stores a new state; false when the command has ended.</summary>
    public async Task<bool> MoveAsync(Guid id, string state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredCommand>().Where(command => command.Id == id && command.EndedAt == null).ExecuteUpdateAsync(
            change => change.SetProperty(command => command.State, state)
                .SetProperty(command => command.SentAt, command => state == CommandStates.Sent ? now : command.SentAt),
            cancellationToken) > 0;
    }

    /// <summary>Stores the end; false when the command had already ended.</summary>
    public async Task<bool> EndAsync(Guid id, string state, CommandOutcome outcome, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var answer = outcome.Answer.Length > 0 ? _protector.Protect(Encoding.UTF8.GetBytes(outcome.Answer)) : null;
        growth.Count(answer?.Length ?? 0);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredCommand>().Where(command => command.Id == id && command.EndedAt == null).ExecuteUpdateAsync(
            change => change.SetProperty(command => command.State, state).SetProperty(command => command.EndedAt, now)
                .SetProperty(command => command.Answer, answer).SetProperty(command => command.Code, outcome.Code)
                .SetProperty(command => command.Message, outcome.Message),
            cancellationToken) > 0;
    }

    /// <summary>Withdraws a command; false when it was sent to the device or has ended.</summary>
    public async Task<bool> WithdrawAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var queued = database.Set<StoredCommand>().Where(command => command.Id == id && command.State == CommandStates.Queued);
        return await queued.ExecuteUpdateAsync(
            change => change.SetProperty(command => command.State, CommandStates.Withdrawn).SetProperty(command => command.EndedAt, now),
            cancellationToken) > 0;
    }

    /// <summary>Ends commands that expired before the device started, and those that it started and never reported again.</summary>
    public async Task ExpireAsync(TimeSpan silence, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var open = database.Set<StoredCommand>().Where(command => command.EndedAt == null);
        var unstarted = open.Where(command => command.State == CommandStates.Queued || command.State == CommandStates.Sent);
        await unstarted.Where(command => command.ExpiresAt < now).ExecuteUpdateAsync(
            change => change.SetProperty(command => command.State, CommandStates.Expired).SetProperty(command => command.EndedAt, now)
                .SetProperty(command => command.Code, CommandOutcome.Expired.Code)
                .SetProperty(command => command.Message, CommandOutcome.Expired.Message),
            cancellationToken);
        var silent = now - silence;
        await open.Where(command => command.ExpiresAt < silent).ExecuteUpdateAsync(
            change => change.SetProperty(command => command.State, CommandStates.Failed).SetProperty(command => command.EndedAt, now)
                .SetProperty(command => command.Code, CommandOutcome.Lost.Code)
                .SetProperty(command => command.Message, CommandOutcome.Lost.Message),
            cancellationToken);
    }

    public async Task RemoveOldAsync(DateTime endedBefore, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<StoredCommand>().Where(command => command.EndedAt < endedBefore).ExecuteDeleteAsync(cancellationToken);
    }

    public byte[] Seal(string arguments) => _protector.Protect(Encoding.UTF8.GetBytes(arguments));

    /// <summary>Returns null when the document can no longer be decrypted, as after the loss of the server's keys.</summary>
    public string? Open(byte[]? document)
    {
        try
        {
            return document is null ? "" : Encoding.UTF8.GetString(_protector.Unprotect(document));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static IQueryable<StoredCommand> In(ServerDbContext database, TenantScope scope)
    {
        var commands = database.Set<StoredCommand>().AsNoTracking();
        return scope.OrganizationId is { } organization ? commands.Where(command => command.OrganizationId == organization) : commands;
    }
}
