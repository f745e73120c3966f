using Halley.Server.Access;
using Halley.Server.StorageRole;
using Halley.Server.Tasks;

namespace Halley.Server.Attention;

/// <summary>What needs the attention of an administrator, for the dashboard and for programs.</summary>
internal static class AttentionSetup
{
    public static void AddAttention(this WebApplicationBuilder builder) => builder.Services.AddSingleton<AttentionActions>();

    public static void MapAttention(this WebApplication app) => app.MapGroup("")
        .OnlyWithStorage(app.Services.GetRequiredService<StorageOptions>().Enabled)
        .WithTags("Attention").RequireAuthorization(Policies.Administrator).MapAttention();
}
