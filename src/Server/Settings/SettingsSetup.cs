using System.Security.Cryptography;
using Halley.Server.Hosting;
using Halley.Server.Periodic;
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
        builder.Services.AddPeriodicWork<StatisticsWork>(
            "statistics", RunsAt.OneInstance, TimeSpan.FromMinutes(20), (statistics, token) => statistics.RunOnceAsync(token));
        builder.Services.AddPeriodicWork<ServerSettings>(
            "settings", RunsAt.EveryInstance, TimeSpan.FromSeconds(10), (settings, token) => settings.LoadAsync(token));
    }

    public static async Task LoadSettingsAsync(this WebApplication app)
    {
        try
        {
            await app.Services.GetRequiredService<ServerSettings>().LoadAsync(app.Lifetime.ApplicationStopping);
        }
        catch (CryptographicException problem)
        {
            throw new StartRefusedException(
                ExitCodes.WrongSettings,
                "What is in the database was written with other keys than this server has: "
                + "give it those, or the directory with them as Halley:KeysDirectory.",
                problem);
        }
    }
}
