using System.Net;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Letters of administrators to all of their users, one e-mail for each address.</summary>
internal sealed class BulletinActions(ProfileStore profiles, EmailSendingWork queue, TimeProvider time)
{
    private const int LongestSubject = 500;
    private const int LongestText = 100_000;

    /// <summary>Queues the e-mails.</summary>
    public async Task<Refusal?> SendAsync(Caller caller, string subject, string text, CancellationToken cancellationToken)
    {
        if (subject.Trim().Length == 0 || subject.Length > LongestSubject || subject.Any(char.IsControl))
        {
            return Invalid($"Parameter Subject must be one line of 1 to {LongestSubject} characters");
        }

        if (text.Trim().Length == 0 || text.Length > LongestText)
        {
            return Invalid($"Parameter Content must be text of 1 to {LongestText} characters");
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        var html = "<!DOCTYPE html><html><body><pre style=\"font-family:inherit;white-space:pre-wrap\">"
            + WebUtility.HtmlEncode(text) + "</pre></body></html>";
        var letter = new Report(subject, html, text);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var stored in profiles.ListAsync(caller.Scope, cancellationToken))
        {
            foreach (var address in stored.Profile.Emails.Where(seen.Add))
            {
                await queue.AddAsync($"bulletin/{id}/{address}", stored.Account.OrganizationId, address, letter, cancellationToken);
            }
        }

        return null;
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("bulletin_invalid", reason);
}
