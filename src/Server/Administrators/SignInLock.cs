using System.Net;
using Halley.Protocol.Events;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Stops guessing. Too many failures lock a name on all instances and block an address on this instance.</summary>
internal sealed partial class SignInLock(
    ServerDbContext database, ServerSettings settings, FailureCounter addresses, TimeProvider time, ILogger<SignInLock> logger)
{
    private LoginRules Rules => LoginRules.Of(settings.Current.LoginProtection);

    private long Threshold => Rules.Threshold;

    private TimeSpan Cooldown => Rules.Cooldown;

    public bool IsLocked(Administrator administrator) => Rules.Enabled && administrator.LockoutEnd > time.GetUtcNow();

    public bool IsBlocked(IPAddress? client) => Rules.Enabled && addresses.IsBlocked(client, Rules.AddressThreshold);

    /// <summary>Counts a failure. Pass null for a name that does not exist or is locked already.</summary>
    public async Task CountFailureAsync(Administrator? administrator, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!await SharedAttempt.IsFailureAsync())
        {
            return;
        }

        LogSignInRefused(client);
        addresses.Count(client, Cooldown);
        if (administrator is null || !Rules.Enabled)
        {
            return;
        }

        // Counted in the database, so that concurrent attempts on several instances all count.
        await Row(administrator).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.AccessFailedCount, row => row.AccessFailedCount + 1), cancellationToken);
        DateTimeOffset? end = time.GetUtcNow() + Cooldown;
        var locked = await Row(administrator).Where(row => row.AccessFailedCount >= Threshold).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.AccessFailedCount, 0).SetProperty(row => row.LockoutEnd, end), cancellationToken);
        database.Add(EventRecord.Of(
            StreamableEventType.AdminLoginFailed, time.GetUtcNow(), administrator.UserName!, administrator.OrganizationId,
                administrator.UserName!));
        await database.SaveChangesAsync(cancellationToken);
        if (locked > 0)
        {
            LogLocked(administrator.UserName!, Cooldown.TotalMinutes, client);
        }
    }

    public async Task ForgetFailuresAsync(Administrator administrator, CancellationToken cancellationToken)
    {
        if (administrator.AccessFailedCount > 0)
        {
            await Row(administrator).ExecuteUpdateAsync(change => change.SetProperty(row => row.AccessFailedCount, 0), cancellationToken);
        }
    }

    private IQueryable<Administrator> Row(Administrator administrator) =>
        database.Set<Administrator>().Where(row => row.Id == administrator.Id);

    // Typed names are not logged: people type their password into the name field.
    [LoggerMessage(LogEvents.SignInRefused, LogLevel.Warning, "Sign-in of an administrator refused, from {Client}")]
    private partial void LogSignInRefused(IPAddress? client);

    [LoggerMessage(LogEvents.AdministratorLocked, LogLevel.Warning,
        "Administrator {Name} locked for {Minutes} minutes after too many wrong passwords, the last one from {Client}")]
    private partial void LogLocked(string name, double minutes, IPAddress? client);
}
