using Halley.Protocol.Settings;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>
/// Finds the settings with which an e-mail is sent: those of the organization, or of the server where the organization has none.
/// </summary>
internal sealed class EmailSettings(ServerSettings settings, OrganizationCache organizations)
{
    public EmailOptions For(string organizationId) =>
        organizations.Find(organizationId)?.Document.Email is { Mode.Length: > 0 } own ? own : settings.Current.Email;
}
