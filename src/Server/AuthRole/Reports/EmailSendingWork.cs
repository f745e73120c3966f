using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Reports;

/// <summary>The queue of e-mails. They survive a restart; a mail server that is offline gets them later.</summary>
internal sealed partial class EmailSendingWork(
    IDbContextFactory<ServerDbContext> databases, EmailSettings settings, TimeProvider time, ILogger<EmailSendingWork> logger)
{
    private const int AtOnce = 100;
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

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var due = await database.Set<QueuedEmail>().AsNoTracking().Where(email => email.DoneAt == null && email.DueAt <= now)
            .OrderBy(email => email.DueAt).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var email in due)
        {
            var row = database.Set<QueuedEmail>().Where(other => other.Id == email.Id);
            // Not from the start of the run: a slow mail server may have taken minutes for earlier e-mails.
            var claimed = time.GetUtcNow().UtcDateTime + Claim;
            var tries = email.Tries + 1;
            if (await row.Where(other => other.Tries == email.Tries && other.DoneAt == null).ExecuteUpdateAsync(
                change => change.SetProperty(other => other.DueAt, claimed).SetProperty(other => other.Tries, tries),
                cancellationToken) > 0)
            {
                await TryAsync(row, email, tries, now, cancellationToken);
            }
        }

        var old = now - Kept;
        await database.Set<QueuedEmail>().Where(email => email.DoneAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task TryAsync(
        IQueryable<QueuedEmail> row, QueuedEmail email, int tries, DateTime now, CancellationToken cancellationToken)
    {
        var options = settings.For(email.OrganizationId);
        var failure =
            await EmailSender.SendAsync(options, email.Recipient, new Report(email.Subject, email.Html, email.Text), cancellationToken);
        if (failure is not null)
        {
            Interlocked.Increment(ref _failed);
            LogNotSent(tries, failure);
            if (tries <= Pauses.Length)
            {
                var next = now + Pauses[tries - 1];
                await row.ExecuteUpdateAsync(change => change.SetProperty(other => other.DueAt, next), cancellationToken);
                return;
            }
        }
        else
        {
            Interlocked.Increment(ref _sent);
        }

        await row.ExecuteUpdateAsync(change => change.SetProperty(other => other.DoneAt, now), cancellationToken);
    }

    [LoggerMessage(LogEvents.EmailNotSent, LogLevel.Warning, "An e-mail was not sent at try {Tries}: {Reason}")]
    private partial void LogNotSent(int tries, string reason);
}
