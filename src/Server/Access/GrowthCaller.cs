using System.Security.Claims;
using Halley.Server.Hosting;

namespace Halley.Server.Access;

/// <summary>On whose account the database grows during a request. Work that no request started grows it on nobody's.</summary>
internal sealed class GrowthCaller
{
    private static readonly AsyncLocal<GrowthCaller?> Flowing = new();

    private GrowthCaller(string address) => Name = address;

    /// <summary>The caller of the running request; null for the server's own work.</summary>
    public static GrowthCaller? Current => Flowing.Value;

    /// <summary>Who calls: kind and id, or the address of an unknown caller.</summary>
    public string Name { get; private set; }

    /// <summary>The caller's organization; null for an unknown caller.</summary>
    public string? OrganizationId { get; private set; }

    /// <summary>True for an administrator of the top level, who owns the disk.</summary>
    public bool IsOperator { get; private set; }

    /// <summary>Remembers the caller while the rest of the request runs. Goes after authorization.</summary>
    public static Task FollowAsync(HttpContext context, RequestDelegate next)
    {
        Flowing.Value = new GrowthCaller($"address:{Neighbourhood.Of(context.Connection.RemoteIpAddress)}");
        Flowing.Value.Become(
            context.User.FindFirstValue(CallerKind.Claim), context.User.FindFirstValue(ClaimTypes.NameIdentifier),
            CallerOrganization.Of(context.User));
        return next(context);
    }

    /// <summary>Names the caller for the rest of the async method that calls this, and for what that method awaits.</summary>
    public static void Follow(string kind, string id, string? organizationId)
    {
        Flowing.Value = new GrowthCaller("");
        Flowing.Value.Become(kind, id, organizationId);
    }

    /// <summary>Names the caller of a request whose credentials are in its body.</summary>
    public void Become(string? kind, string? id, string? organizationId)
    {
        if (kind is not null && id is not null)
        {
            Name = $"{kind}:{id}";
            OrganizationId = organizationId;
            IsOperator = kind == CallerKind.Administrator && organizationId == CallerOrganization.TopLevel;
        }
    }
}
