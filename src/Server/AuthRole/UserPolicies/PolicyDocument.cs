using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Policies;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.DataProtection;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>Converts a policy's row to the vendor's documents and back.</summary>
internal sealed class PolicyDocument(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Policies");

    public UserPolicy ReadRules(StoredPolicy policy) =>
        JsonSerializer.Deserialize<UserPolicy>(_protector.Unprotect(policy.Document), CometJson.Options)!;

    public GroupPolicy Read(StoredPolicy policy) => new()
    {
        Description = policy.Description,
        OrganizationID = policy.OrganizationId,
        Policy = ReadRules(policy),
        DefaultUserPolicy = policy.DefaultOf is not null,
        CreatedDate = new DateTimeOffset(policy.CreatedAt).ToUnixTimeSeconds(),
        ModifiedDate = new DateTimeOffset(policy.ModifiedAt).ToUnixTimeSeconds(),
    };

    public byte[] Seal(UserPolicy rules) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(rules, CometJson.Options));
}

internal static class PolicyQueries
{
    /// <summary>The policies that a caller may see.</summary>
    public static IQueryable<StoredPolicy> In(this IQueryable<StoredPolicy> policies, TenantScope scope) =>
        scope.OrganizationId is { } organization ? policies.Where(policy => policy.OrganizationId == organization) : policies;
}
