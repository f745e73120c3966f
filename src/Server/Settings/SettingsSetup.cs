using Halley.Server.Jobs;
using Halley.Server.Settings.Resources;
using Halley.Server.Settings.Statistics;

namespace Halley.Server.Settings;

internal static class SettingsSetup
{
    public static void AddSettings(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerSettings>();
        builder.Services.AddSingleton<SettingsRule, GeneralSettingsRule>();
        builder.Services.AddSingleton<ServerStart>();
        builder.Services.AddSingleton<ResourceStore>();
        builder.Services.AddJob<ServerStatistics>("statistics", TimeSpan.FromMinutes(20), (statistics, token) => statistics.RunOnceAsync(token));
        builder.Services.AddJob<ServerSettings>("settings", TimeSpan.FromSeconds(10), (settings, token) => settings.LoadAsync(token));
    }

    public static Task LoadSettingsAsync(this WebApplication app) =>
        app.Services.GetRequiredService<ServerSettings>().LoadAsync(app.Lifetime.ApplicationStopping);
}
