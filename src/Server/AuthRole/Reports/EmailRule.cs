using Halley.Protocol.Organizations;
using Halley.Protocol.Settings;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>
/// Rejects options with which no e-mail can be sent, on every surface that sets them. Otherwise every mail would fail later, unseen.
/// </summary>
internal sealed class EmailRule : SettingsRule
{
    public override string? Check(ServerConfigOptions options) => ProblemWith(options.Email);

    /// <summary>Why these options cannot be stored; null also when they send nothing.</summary>
    public static string? ProblemWith(EmailOptions options) =>
        options.Mode is "" or "builtin" or EmailSender.Disabled ? null : EmailSender.ProblemWith(options);
}

/// <summary>The same rule for the options of an organization.</summary>
internal sealed class EmailOrganizationRule : OrganizationRule
{
    public override string? Check(Organization document) => EmailRule.ProblemWith(document.Email);
}
