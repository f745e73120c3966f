using Halley.Protocol.Comet;
using Halley.Server.Hosting;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.VaultRequests;

internal static class VaultRequestsSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const long LongestAnswer = 1024 * 1024;

    public static void AddVaultRequests(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<VaultRequestOptions>(VaultRequestOptions.Section);
        var services = builder.Services;
        services.AddSingleton<VaultTemplates>();
        services.AddSingleton<VaultMaking>();
        services.AddSingleton<SettingsRule, TemplatesRule>();
        services.AddSingleton<VaultProvider>(provider => new OtherServer(NewClient(), provider.GetRequiredService<ILogger<OtherServer>>()));
        services.AddSingleton<VaultProvider>(_ => new CustomPlace(NewClient()));
    }

    private sealed class TemplatesRule : SettingsRule
    {
        public override string? Check(ServerConfigOptions options) => VaultTemplates.Check(options.AuthenticationRole.RemoteStorage);
    }

    // Certificates are verified, and nobody is followed elsewhere: the request carries a password.
    private static HttpClient NewClient() =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = LongestAnswer,
        };
}
