using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Reports;

/// <summary>The queue of e-mails. They survive a restart; a mail server that is offline gets them later.</summary>
internal sealed partial class EmailSendingWork(
    IDbContextFactory<ServerDbContext> databases, EmailSettings settings, TimeProvider time, ILogger<EmailSendingWork> logger)
{
    private const int AtOnce = 100;
    private const int MostFailedAtOnce = 3;
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(35);

    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6)];

    private long _sent;
    private long _failed;

    /// <summary>E-mails that a mail server has accepted since this process started.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Attempts that have failed since this process started.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public async Task<long> CountWaitingAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<QueuedEmail>().LongCountAsync(email => email.DoneAt == null, cancellationToken);
    }

    /// <summary>Queues a report, unless its key was used before.</summary>
    public async Task AddAsync(string key, string organizationId, string recipient, Report report, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        database.Add(new QueuedEmail
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            OrganizationId = organizationId,
            Recipient = recipient,
            Subject = report.Subject.Length > 998 ? report.Subject[..998] : report.Subject,
            Html = report.Html,
            Text = report.Text,
            CreatedAt = now.UtcDateTime,
            DueAt = now.UtcDateTime,
        });
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException known) when (known.IsUniqueViolation())
        {
            // Queued before, or by another instance.
        }
    }

    /// <summary>E-mails that were given up after the last try, and are still in the queue.</summary>
    public async Task<long> CountGivenUpAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<QueuedEmail>().LongCountAsync(email => email.DoneAt != null && email.Tries > 0, cancellationToken);
    }

    /// <summary>
    /// Sends what is due. Each organization has its own mail server, which may be slow or wrong, so all of them are served at the same
    /// time, and one whose mail fails waits for its next turn.
    /// </summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var senders = await database.Set<QueuedEmail>().Where(email => email.DoneAt == null && email.DueAt <= now)
            .Select(email => email.OrganizationId).Distinct().ToListAsync(cancellationToken);
        await Task.WhenAll(senders.Select(organization => SendForAsync(organization, now, cancellationToken)));
        var old = now - Kept;
        await database.Set<QueuedEmail>().Where(email => email.DoneAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task SendForAsync(string organizationId, DateTime now, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var due = await database.Set<QueuedEmail>().AsNoTracking()
            .Where(email => email.OrganizationId == organizationId && email.DoneAt == null && email.DueAt <= now)
            .OrderBy(email => email.DueAt).Take(AtOnce).ToListAsync(cancellationToken);
        var failed = 0;
        foreach (var email in due.TakeWhile(_ => failed < MostFailedAtOnce))
        {
            var row = database.Set<QueuedEmail>().Where(other => other.Id == email.Id);
            // Not from the start of the run: a slow mail server may have taken minutes for earlier e-mails.
            var claimed = time.GetUtcNow().UtcDateTime + Claim;
            var tries = email.Tries + 1;
            if (await row.Where(other => other.Tries == email.Tries && other.DoneAt == null).ExecuteUpdateAsync(
                change => change.SetProperty(other => other.DueAt, claimed).SetProperty(other => other.Tries, tries),
                cancellationToken) > 0)
            {
                failed += await TryAsync(database, row, email, tries, now, cancellationToken) ? 0 : 1;
            }
        }
    }

    private async Task<bool> TryAsync(
        ServerDbContext database, IQueryable<QueuedEmail> row, QueuedEmail email, int tries, DateTime now,
        CancellationToken cancellationToken)
    {
        if (await SendAsync(email, cancellationToken) is not { } failure)
        {
            Interlocked.Increment(ref _sent);
            await row.ExecuteUpdateAsync(
                change => change.SetProperty(other => other.DoneAt, now).SetProperty(other => other.Tries, 0), cancellationToken);
            return true;
        }

        Interlocked.Increment(ref _failed);
        LogNotSent(tries, failure);
        if (tries <= Pauses.Length)
        {
            var next = now + Pauses[tries - 1];
            await row.ExecuteUpdateAsync(change => change.SetProperty(other => other.DueAt, next), cancellationToken);
            return false;
        }

        LogGivenUp(tries, email.OrganizationId, failure);
        database.Add(EventRecord.Of(
            StreamableEventType.EmailGivenUp, time.GetUtcNow(), actor: "", email.OrganizationId, email.Id.ToString(),
            JsonSerializer.Serialize(new { email.Recipient, email.Subject, Tries = tries, Reason = failure })));
        await database.SaveChangesAsync(cancellationToken);
        await row.ExecuteUpdateAsync(change => change.SetProperty(other => other.DoneAt, now), cancellationToken);
        return false;
    }

    // Each mail fails alone, also for a reason that nobody thought of.
    private async Task<string?> SendAsync(QueuedEmail email, CancellationToken cancellationToken)
    {
        try
        {
            return await EmailSender.SendAsync(
                settings.For(email.OrganizationId), email.Recipient, new Report(email.Subject, email.Html, email.Text), cancellationToken);
        }
#pragma warning disable CA1031 // logged with the failed try, and given up after the last one
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return failure.Message;
        }
    }

    [LoggerMessage(LogEvents.EmailNotSent, LogLevel.Warning, "An e-mail was not sent at try {Tries}: {Reason}")]
    private partial void LogNotSent(int tries, string reason);

    [LoggerMessage(LogEvents.EmailGivenUp, LogLevel.Error,
        "An e-mail of organization \"{Organization}\" was given up after {Tries} tries: {Reason}")]
    private partial void LogGivenUp(int tries, string organization, string reason);
}
