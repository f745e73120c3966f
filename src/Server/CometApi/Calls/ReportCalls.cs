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

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<ReportCalls>("preview-user-email-report", (api, call) => api.PreviewAsync(call));
        MapSettings(endpoints, "meta/email-options/get", (api, _) => api.GetAsync());
        MapSettings(endpoints, "meta/email-options/set", (api, call) => api.SetAsync(call));
        MapSettings(endpoints, "meta/send-test-email", (_, call) => SendTestAsync(call));
        MapSettings(endpoints, "meta/send-test-report", (api, call) => api.SendTestReportAsync(call));
    }

    private static void MapSettings(IEndpointRouteBuilder endpoints, string name, Func<ReportCalls, CometCall, Task<object>> handler) =>
        endpoints.MapCometAdmin<ReportCalls>(name, (api, call) =>
            call.Administrator.Meets(Requires.TopLevel | Requires.EditEmailOptions) ? handler(api, call) : Task.FromResult<object>(CometErrors.Unauthorised));

    private Task<object> GetAsync() => Task.FromResult<object>(settings.Current.Email);

    private async Task<object> PreviewAsync(CometCall call)
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

    private async Task<object> SetAsync(CometCall call)
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

    private static async Task<object> SendTestAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailOptions>(Options, out var options) || options is null)
        {
            return CometErrors.BadField(Options, "must be the options of e-mail as JSON");
        }

        const string Text = "This message shows that the server can send e-mail.";
        return await EmailSender.SendAsync(options, call.Form.Text("Recipient"), new Report("Test of e-mail", $"<p>{Text}</p>", Text), call.Aborted) is { } failure
            ? CometErrors.BadRequest(failure)
            : CometApiResponseMessage.Ok;
    }

    private async Task<object> SendTestReportAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailReportingOption>("EmailReportingOption", out var option) || option is not { Recipients.Count: > 0 })
        {
            return CometErrors.BadField("EmailReportingOption", "must be a report with recipients as JSON");
        }

        var organization = call.Form.Text("TargetOrganization");
        var made = await making.MakeAsync(option, organization.Length == 0 ? TenantScope.Everything : TenantScope.Of(organization), call.Aborted);
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
