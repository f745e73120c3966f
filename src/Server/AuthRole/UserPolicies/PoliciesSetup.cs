using Halley.Server.AuthRole.Accounts;
using Halley.Server.Periodic;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.UserPolicies;

internal static class PoliciesSetup
{
    public static void AddPolicies(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PolicyDocument>();
        services.AddSingleton<PolicyApplication>();
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<FillNewProfile>(provider => provider.GetRequiredService<PolicyApplication>().ApplyToNewAsync);
        services.AddSingleton<OrganizationPart, PoliciesOfOrganization>();
        services.AddPeriodicWork<PolicyRolloutWork>("policy-rollout", RunsAt.OneInstance, TimeSpan.FromSeconds(10), (rollout, token) => rollout.RunOnceAsync(token));
    }
}
