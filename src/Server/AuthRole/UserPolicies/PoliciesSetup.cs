using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;
using Halley.Server.Periodic;

namespace Halley.Server.AuthRole.UserPolicies;

internal static class PoliciesSetup
{
    public static void AddPolicies(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PolicyDocument>();
        services.AddSingleton<PolicyApplication>();
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<ProfilePart>(provider => provider.GetRequiredService<PolicyApplication>());
        services.AddSingleton<OrganizationPart, PoliciesOfOrganization>();
        services.AddPeriodicWork<PolicyRolloutWork>("policy-rollout", RunsAt.OneInstance, TimeSpan.FromSeconds(10), (rollout, token) => rollout.RunOnceAsync(token));
    }
}
