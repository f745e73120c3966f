using Halley.Protocol.Comet;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Finds the settings that an e-mail is sent with: the tenant's, and the server's where the tenant inherits them.</summary>
internal sealed class EmailSettings(ServerSettings settings, OrganizationDirectory organizations)
{
    public EmailOptions For(string organizationId) =>
        organizations.Find(organizationId)?.Document.Email is { Mode.Length: > 0 } own ? own : settings.Current.Email;
}
