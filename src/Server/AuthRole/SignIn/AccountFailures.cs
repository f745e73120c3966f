using System.Net;
using Halley.Protocol.Events;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// Counts wrong credentials by account, in the database, so that attempts at all instances count, and by address, over all names. The
/// setting LoginProtection holds the limits.
/// </summary>
internal sealed partial class AccountFailures(
    IDbContextFactory<ServerDbContext> databases, FailureCounter addresses, ServerSettings settings, TimeProvider time,
    ILogger<AccountFailures> logger)
{
    // Precision of LastSignInAt: a client that signs in with every call must not cause a write with every call.
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    private LoginRules Protection => LoginRules.Of(settings.Current.LoginProtection);

    private long Threshold => Protection.Threshold;

    private TimeSpan Cooldown => Protection.Cooldown;

    public bool IsBlocked(IPAddress? client) => Protection.Enabled && addresses.IsBlocked(client, Protection.AddressThreshold);

    /// <summary>Counts a wrong credential. Without an account (unknown, or not allowed to try), only the address counts.</summary>
    public async Task CountAsync(SignInState? account, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!await SharedAttempt.IsFailureAsync())
        {
            return;
        }

        LogRefused(client);
        if (Protection.Enabled)
        {
            addresses.Count(client, Cooldown);
        }

        if (account is null)
        {
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(EventRecord.Of(
            StreamableEventType.AccountLoginFailed, time.GetUtcNow(), account.Username, account.OrganizationId, account.Username));
        await database.SaveChangesAsync(cancellationToken);
        if (!Protection.Enabled)
        {
            return;
        }

        var row = database.Set<Account>().Where(stored => stored.Id == account.Id);
        await row.ExecuteUpdateAsync(
            change => change.SetProperty(stored => stored.FailedSignIns, stored => stored.FailedSignIns + 1), cancellationToken);
        DateTime? end = time.GetUtcNow().UtcDateTime + Cooldown;
        var locked = await row.Where(stored => stored.FailedSignIns >= Threshold).ExecuteUpdateAsync(
            change => change.SetProperty(stored => stored.FailedSignIns, 0).SetProperty(stored => stored.LockedUntil, end),
            cancellationToken);
        if (locked > 0)
        {
            LogLocked(account.Username, Cooldown.TotalMinutes, client);
        }
    }

    /// <summary>Resets the count after a right credential.</summary>
    public async Task ForgetAsync(SignInState account, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (account.FailedSignIns == 0 && account.LastSignInAt is { } last && now - last < Exactness)
        {
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Account>().Where(stored => stored.Id == account.Id).ExecuteUpdateAsync(
            change => change.SetProperty(stored => stored.FailedSignIns, 0).SetProperty(stored => stored.LastSignInAt, now),
            cancellationToken);
    }

    // The typed name is not logged: people type their password into the name field.
    [LoggerMessage(LogEvents.AccountSignInRefused, LogLevel.Information, "Sign-in of a user refused, from {Client}")]
    private partial void LogRefused(IPAddress? client);

    [LoggerMessage(LogEvents.AccountLocked, LogLevel.Warning,
        "Account {Username} locked for {Minutes} minutes after too many wrong credentials, the last one from {Client}")]
    private partial void LogLocked(string username, double minutes, IPAddress? client);
}
