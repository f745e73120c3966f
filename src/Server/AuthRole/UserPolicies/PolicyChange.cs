using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.UserPolicies;

internal enum PolicyChangeResult
{
    Saved,

    /// <summary>No such policy, or outside the caller's tenant.</summary>
    NotFound,

    /// <summary>The policy is no longer in the state whose hash the caller gave.</summary>
    Stale,

    /// <summary>The id belongs to another policy.</summary>
    Taken,

    /// <summary>The document cannot be stored; the reason says why.</summary>
    Refused,
}

/// <summary>How a change of a policy ended; <paramref name="Stored"/> is what is stored now when it was saved.</summary>
internal sealed record PolicyChange(PolicyChangeResult Result, StoredPolicy? Stored = null, string? Reason = null)
{
    public static readonly PolicyChange NotFound = new(PolicyChangeResult.NotFound, Reason: "There is no policy with this id.");
    public static readonly PolicyChange Stale = new(PolicyChangeResult.Stale, Reason: "Somebody else has changed the policy; read it again and repeat the change on it.");
    public static readonly PolicyChange Taken = new(PolicyChangeResult.Taken, Reason: "The id is taken; choose another one.");

    public static PolicyChange Refused(string reason) => new(PolicyChangeResult.Refused, Reason: reason);
}

/// <summary>Who changes a policy, and what he may see: his tenant, and when <paramref name="Allowed"/> is not null, those policies only.</summary>
internal sealed record PolicyActor(TenantScope Scope, string Name, IReadOnlyList<string>? Allowed = null)
{
    public bool MayUse(string policyId) => Allowed?.Contains(policyId) != false;
}
