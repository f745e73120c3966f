using Halley.Protocol.Comet;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>The e-mail settings of a tenant, or null when it has none. Who knows tenants registers one of these.</summary>
internal delegate Task<EmailOptions?> TenantEmail(string organizationId, CancellationToken cancellationToken);

/// <summary>Finds the settings that an e-mail is sent with: the tenant's, and the server's where the tenant inherits them.</summary>
internal sealed class EmailSettings(ServerSettings settings, TenantEmail tenants)
{
    public async Task<EmailOptions> ForAsync(string organizationId, CancellationToken cancellationToken) =>
        organizationId.Length > 0 && await tenants(organizationId, cancellationToken) is { Mode.Length: > 0 } own ? own : settings.Current.Email;
}
