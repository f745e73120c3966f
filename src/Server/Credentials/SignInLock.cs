using System.Net;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Credentials;

/// <summary>
/// Stops guessing. Too many failures lock a name on all instances and block an address on this instance. The setting LoginProtection holds
/// the limits.
/// </summary>
internal sealed partial class SignInLock<TOwner>(
    IDbContextFactory<ServerDbContext> databases, FailureCounter addresses, ServerSettings settings, TimeProvider time,
    ILogger<SignInLock<TOwner>> logger)
    where TOwner : class, ISignInOwner<TOwner>
{
    // Precision of LastSignInAt: a client that signs in with every call must not cause a write with every call.
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    private LoginRules Rules => LoginRules.Of(settings.Current.LoginProtection);

    /// <summary>True if a name is locked that has this <see cref="ISignInOwner{TSelf}.LockedUntil"/>.</summary>
    public bool IsLocked(DateTime? lockedUntil) => Rules.Enabled && lockedUntil > time.GetUtcNow().UtcDateTime;

    public bool IsBlocked(IPAddress? client) => Rules.Enabled && addresses.IsBlocked(client, Rules.AddressThreshold);

    /// <summary>Counts a failure. Pass null for a name that does not exist or may not try; then only the address counts.</summary>
    public async Task CountFailureAsync(SignInSubject? owner, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!await SharedAttempt.IsFailureAsync())
        {
            return;
        }

        LogRefused(TOwner.Events.Kind, client);
        var rules = Rules;
        if (rules.Enabled)
        {
            addresses.Count(client, rules.Cooldown);
        }

        if (owner is null)
        {
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(EventRecord.Of(TOwner.Events.Failed, time.GetUtcNow(), owner.Name, owner.OrganizationId, owner.Name));
        await database.SaveChangesAsync(cancellationToken);
        if (!rules.Enabled)
        {
            return;
        }

        // Counted in the database, so that concurrent attempts on several instances all count.
        var row = database.Set<TOwner>().Where(stored => stored.Id == owner.Id);
        await row.ExecuteUpdateAsync(
            change => change.SetProperty(
                stored => EF.Property<int>(stored, nameof(stored.FailedSignIns)), stored => stored.FailedSignIns + 1),
            cancellationToken);
        DateTime? end = time.GetUtcNow().UtcDateTime + rules.Cooldown;
        var locked = await row.Where(stored => stored.FailedSignIns >= rules.Threshold).ExecuteUpdateAsync(
            change => change
                .SetProperty(stored => EF.Property<int>(stored, nameof(stored.FailedSignIns)), 0)
                .SetProperty(stored => EF.Property<DateTime?>(stored, nameof(stored.LockedUntil)), end),
            cancellationToken);
        if (locked > 0)
        {
            LogLocked(TOwner.Events.Kind, owner.Name, rules.Cooldown.TotalMinutes, client);
        }
    }

    /// <summary>Records a sign-in and resets the count. Pass what the database held before.</summary>
    public async Task SucceedAsync(Guid id, int failedSignIns, DateTime? lastSignInAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (failedSignIns == 0 && lastSignInAt is { } last && now - last < Exactness)
        {
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<TOwner>().Where(stored => stored.Id == id).ExecuteUpdateAsync(
            change => change
                .SetProperty(stored => EF.Property<int>(stored, nameof(stored.FailedSignIns)), 0)
                .SetProperty(stored => EF.Property<DateTime?>(stored, nameof(stored.LastSignInAt)), now),
            cancellationToken);
    }

    // Typed names are not logged: people type their password into the name field.
    [LoggerMessage(LogEvents.SignInRefused, LogLevel.Warning, "Sign-in of {Kind} refused, from {Client}")]
    private partial void LogRefused(string kind, IPAddress? client);

    [LoggerMessage(LogEvents.NameLocked, LogLevel.Warning,
        "The sign-in of {Kind} {Name} is locked for {Minutes} minutes after too many wrong credentials, the last one from {Client}")]
    private partial void LogLocked(string kind, string name, double minutes, IPAddress? client);
}
