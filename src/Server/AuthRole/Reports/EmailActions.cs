using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Administrators' operations on e-mail: set it up, test it, and preview reports.</summary>
internal sealed class EmailActions(ServerSettings settings, ProfileStore profiles, ReportMaking making, EmailSettings emails)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditEmailOptions;

    public Outcome<EmailOptions> GetOptions(Caller caller) => caller.Lacks(Rights) is { } refusal ? refusal : settings.Current.Email;

    public async Task<Refusal?> SetOptionsAsync(Caller caller, EmailOptions options, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) ?? await settings.ChangeAsync(current => current.Email = options, cancellationToken, caller.Name);

    /// <summary>Sends a message with these options, which need not be stored.</summary>
    public static async Task<Refusal?> SendTestAsync(
        Caller caller, EmailOptions options, string recipient, CancellationToken cancellationToken)
    {
        const string Text = "This message shows that the server can send e-mail.";
        return caller.Lacks(Rights)
            ?? (await EmailSender.SendAsync(
                options, recipient, new Report("Test of e-mail", $"<p>{Text}</p>", Text), cancellationToken) is { } failure
                ? Invalid(failure)
                : null);
    }

    /// <summary>Sends a report about the accounts of an organization to its recipients; about all accounts when the id is empty.</summary>
    public async Task<Refusal?> SendTestReportAsync(
        Caller caller, EmailReportingOption option, string organizationId, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Rights) is { } missing)
        {
            return missing;
        }

        var scope = organizationId.Length == 0 ? TenantScope.Everything : TenantScope.Of(organizationId);
        if (!(await making.MakeAsync(option, scope, cancellationToken)).TryGet(out var report, out var refusal))
        {
            return refusal;
        }

        var options = emails.For(organizationId);
        foreach (var recipient in option.Recipients)
        {
            if (await EmailSender.SendAsync(options, recipient, report, cancellationToken) is { } failure)
            {
                return Invalid(failure);
            }
        }

        return null;
    }

    /// <summary>The report that a user would get now.</summary>
    /// <param name="address">The recipient; empty for all addresses of the profile.</param>
    public async Task<Outcome<EmailReportGeneratedPreview>> PreviewAsync(
        Caller caller, string username, string address, EmailReportConfig config, CancellationToken cancellationToken)
    {
        if (!Account.IsAcceptableName(username) || await profiles.FindAsync(username, caller.Scope, cancellationToken) is not { } stored)
        {
            return AccountRefusals.NotFound;
        }

        return !(await making.MakeAsync(stored, config, cancellationToken)).TryGet(out var report, out var refusal)
            ? refusal
            : new EmailReportGeneratedPreview
            {
                From = emails.For(stored.Account.OrganizationId).FromEmail,
                To = address.Length > 0 ? [address] : [.. stored.Profile.Emails],
                EmailSubject = report.Subject,
                EmailBodyHTML = report.Html,
                EmailBodyPlaintext = report.Text,
            };
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("email_invalid", reason);
}
