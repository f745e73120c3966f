using Halley.Server.Jobs;

namespace Halley.Server.Settings;

internal static class SettingsSetup
{
    public static void AddSettings(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerSettings>();
        builder.Services.AddJob<ServerSettings>("settings", TimeSpan.FromSeconds(10), (settings, token) => settings.LoadAsync(token));
    }

    public static Task LoadSettingsAsync(this WebApplication app) =>
        app.Services.GetRequiredService<ServerSettings>().LoadAsync(app.Lifetime.ApplicationStopping);
}
