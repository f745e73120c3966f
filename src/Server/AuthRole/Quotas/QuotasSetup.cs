using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Quotas;

internal static class QuotasSetup
{
    public static void AddQuotas(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SharedQuotaActions>();
        builder.Services.AddSingleton<OrganizationPart, QuotasOfOrganization>();
    }

    /// <summary>The shared quotas of a deleted organization are deleted with it.</summary>
    private sealed class QuotasOfOrganization : OrganizationPart
    {
        public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
            database.Set<StoredQuota>().Where(quota => quota.OrganizationId == removal.OrganizationId)
                .ExecuteDeleteAsync(cancellationToken);
    }
}
