using System.Security.Claims;
using System.Text.Json;
using Halley.Protocol.Comet;

namespace Halley.Server.Access;

/// <summary>The limits of a signed-in administrator that are lists, not rights: which policies and kinds of storage he may use.</summary>
internal static class CallerPermissions
{
    public const string Claim = "halley:permissions";

    /// <summary>Only these policies, by their ids; null for any.</summary>
    public static IReadOnlyList<string>? Policies(ClaimsPrincipal caller) => Of(caller).AllowedUserPolicies is { Count: > 0 } some ? some : null;

    /// <summary>Only these kinds of storage; null for any.</summary>
    public static IReadOnlyList<ulong>? Providers(ClaimsPrincipal caller) =>
        Of(caller) is { ShouldRestrictProviderList: true } limited ? limited.AllowedProvidersWhenRestricted : null;

    private static AdminUserPermissions Of(ClaimsPrincipal caller)
    {
        try
        {
            return JsonSerializer.Deserialize<AdminUserPermissions>(caller.FindFirstValue(Claim) ?? "{}", CometJson.Options) ?? Nothing;
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    // Text that is not of that shape allows nothing.
    private static AdminUserPermissions Nothing => new() { AllowedUserPolicies = [""], ShouldRestrictProviderList = true };
}
