using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.Reports;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about e-mail and the reports in it.</summary>
internal sealed class ReportCalls(EmailActions emails)
{
    private const string Options = "EmailOptions";
    private const Requires Rights = Requires.TopLevel | Requires.EditEmailOptions;

    public static void Map(CometMap<ReportCalls> map)
    {
        map.Admin(
            "preview-user-email-report", "TargetUser, EmailReportConfig json:EmailReportConfig, EmailAddress?",
            (api, call) => api.PreviewAsync(call));
        map.Admin("meta/email-options/get", "", Rights, (api, call) => api.Get(call));
        map.Admin("meta/email-options/set", "EmailOptions json:EmailOptions", Rights, (api, call) => api.SetAsync(call));
        map.Admin("meta/send-test-email", "EmailOptions json:EmailOptions, Recipient", Rights, (_, call) => SendTestAsync(call));
        map.Admin(
            "meta/send-test-report", "EmailReportingOption json:EmailReportingOption, TargetOrganization?", Rights,
            (api, call) => api.SendTestReportAsync(call));
    }

    private CometReply<EmailOptions> Get(CometCall call) =>
        emails.GetOptions(call.Caller).TryGet(out var options, out var refusal) ? options : refusal;

    private async Task<CometReply<EmailReportGeneratedPreview>> PreviewAsync(CometCall call)
    {
        if (!call.Form.TryJson<EmailReportConfig>("EmailReportConfig", out var config) || config is null)
        {
            return CometErrors.BadField("EmailReportConfig", "must be a report as JSON");
        }

        var outcome = await emails.PreviewAsync(
            call.Caller, call.Form.Text("TargetUser"), call.Form.Text("EmailAddress"), config, call.Aborted);
        return outcome.TryGet(out var preview, out var refusal) ? preview : refusal;
    }

    private async Task<CometApiResponseMessage> SetAsync(CometCall call) =>
        call.Form.TryJson<EmailOptions>(Options, out var options) && options is not null
            ? CometErrors.OkOr(await emails.SetOptionsAsync(call.Caller, options, call.Aborted))
            : CometErrors.BadField(Options, "must be the options of e-mail as JSON");

    private static async Task<CometApiResponseMessage> SendTestAsync(CometCall call) =>
        call.Form.TryJson<EmailOptions>(Options, out var options) && options is not null
            ? CometErrors.OkOr(await EmailActions.SendTestAsync(call.Caller, options, call.Form.Text("Recipient"), call.Aborted))
            : CometErrors.BadField(Options, "must be the options of e-mail as JSON");

    private async Task<CometApiResponseMessage> SendTestReportAsync(CometCall call) =>
        call.Form.TryJson<EmailReportingOption>("EmailReportingOption", out var option) && option is { Recipients.Count: > 0 }
            ? CometErrors.OkOr(await emails.SendTestReportAsync(call.Caller, option, call.Form.Text("TargetOrganization"), call.Aborted))
            : CometErrors.BadField("EmailReportingOption", "must be a report with recipients as JSON");
}
