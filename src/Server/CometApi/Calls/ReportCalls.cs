using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Reports;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about e-mail and the reports in it.</summary>
internal sealed class ReportCalls(
    ServerSettings settings, ProfileStore profiles, ReportMaking making, EmailSettings emails)
{
    private const string Options = "EmailOptions";
    private const Requires Rights = Requires.TopLevel | Requires.EditEmailOptions;

    public static void Map(CometMap<ReportCalls> map)
    {
        map.Admin(
            "preview-user-email-report", "TargetUser, EmailReportConfig json:EmailReportConfig, EmailAddress?",
            (api, call) => api.PreviewAsync(call));
        map.Admin("meta/email-options/get", "", Rights, (api, _) => api.Get());
        map.Admin("meta/email-options/set", "EmailOptions json:EmailOptions", Rights, (api, call) => api.SetAsync(call));
        map.Admin("meta/send-test-email", "EmailOptions json:EmailOptions, Recipient", Rights, (_, call) => SendTestAsync(call));
        map.Admin(
            "meta/send-test-report", "EmailReportingOption json:EmailReportingOption, TargetOrganization?", Rights,
            (api, call) => api.SendTestReportAsync(call));
    }

        private CometReply<EmailOptions> Get() => settings.Current.Email;

    private async Task<CometReply<EmailReportGeneratedPreview>> PreviewAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailReportConfig>("EmailReportConfig", out var config) || config is null)
        {
            return CometErrors.BadField("EmailReportConfig", "must be a report as JSON");
        }

        var (username, address) = (call.Form.Text("TargetUser"), call.Form.Text("EmailAddress"));
        var scope = TenantScope.OfAdministrator(call.Administrator.OrganizationId);
        if (!Account.IsAcceptableName(username) || await profiles.FindAsync(username, scope, call.Aborted) is not { } stored)
        {
            return CometErrors.BadRequest("User not found");
        }

        var made = await making.MakeAsync(stored, config, call.Aborted);
        return made.Report is not { } report ? CometErrors.BadRequest(made.Reason) : new EmailReportGeneratedPreview
        {
            From = emails.For(stored.Account.OrganizationId).FromEmail,
            To = address.Length > 0 ? [address] : [.. stored.Profile.Emails],
            EmailSubject = report.Subject,
            EmailBodyHTML = report.Html,
            EmailBodyPlaintext = report.Text,
        };
    }

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailOptions>(Options, out var options) || options is null)
        {
            return CometErrors.BadField(Options, "must be the options of e-mail as JSON");
        }

        if (options.Mode is not ("" or "builtin" or EmailSender.Disabled) && EmailSender.Refuse(options) is { } refusal)
        {
            return CometErrors.BadRequest(refusal);
        }

        await settings.ChangeAsync(
            current =>
            {
                current.Email = options;
                return null;
            },
            call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private static async Task<CometApiResponseMessage> SendTestAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailOptions>(Options, out var options) || options is null)
        {
            return CometErrors.BadField(Options, "must be the options of e-mail as JSON");
        }

        const string Text = "This message shows that the server can send e-mail.";
        var report = new Report("Test of e-mail", $"<p>{Text}</p>", Text);
        return await EmailSender.SendAsync(options, call.Form.Text("Recipient"), report, call.Aborted) is { } failure
            ? CometErrors.BadRequest(failure)
            : CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> SendTestReportAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailReportingOption>("EmailReportingOption", out var option) || option is not { Recipients.Count: > 0 })
        {
            return CometErrors.BadField("EmailReportingOption", "must be a report with recipients as JSON");
        }

        var organization = call.Form.Text("TargetOrganization");
        var scope = organization.Length == 0 ? TenantScope.Everything : TenantScope.Of(organization);
        var made = await making.MakeAsync(option, scope, call.Aborted);
        if (made.Report is not { } report)
        {
            return CometErrors.BadRequest(made.Reason);
        }

        var options = emails.For(organization);
        foreach (var recipient in option.Recipients)
        {
            if (await EmailSender.SendAsync(options, recipient, report, call.Aborted) is { } failure)
            {
                return CometErrors.BadRequest(failure);
            }
        }

        return CometApiResponseMessage.Ok;
    }
}
