using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Quotas;

internal static class QuotasSetup
{
    public static void AddQuotas(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SharedQuotas>();
        builder.Services.AddSingleton<OrganizationPart, QuotasOfOrganization>();
    }
}
