using Halley.Protocol.Settings;
using Halley.Server.Hosting;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.VaultRequests;

internal static class VaultRequestsSetup
{
    public static void AddVaultRequests(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<VaultRequestOptions>(VaultRequestOptions.Section);
        var services = builder.Services;
        services.AddSingleton<VaultTemplates>();
        services.AddSingleton<VaultTemplateActions>();
        services.AddSingleton<VaultRequestActions>();
        services.AddSingleton<SettingsRule, TemplatesRule>();
        services.AddSingleton<VaultProvider, OtherServer>();
        services.AddSingleton<VaultProvider, CustomPlace>();
    }

    private sealed class TemplatesRule : SettingsRule
    {
        public override string? Check(ServerConfigOptions options) => VaultTemplates.Check(options.AuthenticationRole.RemoteStorage);

        public override IEnumerable<string> Reduce(ServerConfigOptions options)
        {
            foreach (var template in options.AuthenticationRole.RemoteStorage.ToList())
            {
                if (VaultTemplates.CheckOne(template) is { } reason)
                {
                    options.AuthenticationRole.RemoteStorage.Remove(template);
                    yield return $"RemoteStorage {template.Description} {reason}";
                }
            }
        }
    }
}
