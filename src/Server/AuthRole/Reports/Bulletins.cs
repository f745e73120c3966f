using System.Net;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Reports;

/// <summary>A letter of the administrator to all users, one e-mail for each address.</summary>
internal sealed class Bulletins(ProfileStore profiles, EmailSendingWork queue, TimeProvider time)
{
    public const int LongestSubject = 500;
    public const int LongestText = 100_000;

    /// <summary>Puts the e-mails in line and counts them.</summary>
    public async Task<int> SendAsync(string subject, string text, TenantScope scope, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var letter = new Report(subject, $"<!DOCTYPE html><html><body><pre style=\"font-family:inherit;white-space:pre-wrap\">{WebUtility.HtmlEncode(text)}</pre></body></html>", text);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var stored in profiles.ListAsync(scope, cancellationToken))
        {
            foreach (var address in stored.Profile.Emails.Where(seen.Add))
            {
                await queue.AddAsync($"bulletin/{id}/{address}", stored.Account.OrganizationId, address, letter, cancellationToken);
            }
        }

        return seen.Count;
    }
}
