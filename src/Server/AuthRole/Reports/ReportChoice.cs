using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Decides which reports an address gets: its own, or else those of the policy, or else those of the server.</summary>
internal static class ReportChoice
{
    private static readonly IReadOnlyList<EmailReportConfig> OfServer =
    [
        // An immediate report about every backup and restore that has ended.
        new EmailReportConfig
        {
            ReportType = ReportWriting.AtOnce,
            Filter = new SearchClause
            {
                ClauseType = "or",
                ClauseChildren = [Kind(JobClassification.Backup), Kind(JobClassification.Restore)],
            },
        },
    ];

    /// <summary>The addresses of a profile with their reports; empty when it gets no e-mail.</summary>
    public static IEnumerable<(string Address, IReadOnlyList<EmailReportConfig> Reports)> Of(UserProfileConfig profile) =>
        profile is { SendEmailReports: true, IsSuspended: false }
            ? profile.Emails.Where(EmailSender.IsAddress).Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(address => (address, Of(profile, address)))
            : [];

    private static IReadOnlyList<EmailReportConfig> Of(UserProfileConfig profile, string address) =>
        profile.OverrideEmailSettings.GetValueOrDefault(address)?.Reports
        ?? (profile.Policy.DefaultEmailReports.ShouldOverrideDefaultReports ? profile.Policy.DefaultEmailReports.Reports : OfServer);

    private static SearchClause Kind(JobClassification kind) => new()
    {
        RuleField = "BackupJobDetail.Classification",
        RuleOperator = "int_eq",
        RuleValue = $"{kind:D}",
    };
}
