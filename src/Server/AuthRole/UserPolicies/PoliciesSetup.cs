using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

internal static class PoliciesSetup
{
    public static void AddPolicies(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PolicyActions>();
        services.AddSingleton<PolicyApplication>();
        services.AddSingleton<PolicyDocument>();
        services.AddSingleton<EventObject, PolicyOfEvent>();
        services.AddSingleton<ProfilePart>(provider => provider.GetRequiredService<PolicyApplication>());
        services.AddSingleton<OrganizationPart, PoliciesOfOrganization>();
        services.AddPeriodicWork<PolicyRolloutWork>(
            "policy-rollout", RunsAt.OneInstance, TimeSpan.FromSeconds(10), (rollout, token) => rollout.RunOnceAsync(token));
    }

    /// <summary>The policies of a deleted organization are deleted with it.</summary>
    private sealed class PoliciesOfOrganization : OrganizationPart
    {
        public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
            database.Set<StoredPolicy>().Where(policy => policy.OrganizationId == removal.OrganizationId)
                .ExecuteDeleteAsync(cancellationToken);
    }
}
