using Halley.Server.Events.Audit;
using Halley.Server.Events.Webhooks;
using Halley.Server.Hosting;
using Halley.Server.Periodic;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Events;

internal static class EventsSetup
{
    public static void AddEvents(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddOptionsOf<EventOptions>("Events");
        services.AddSingleton<EventWakeUp>();
        services.AddSingleton<IInterceptor>(provider => provider.GetRequiredService<EventWakeUp>());
        services.AddSingleton<EventFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
        services.AddSingleton<EventList>();
        services.AddSingleton<EventObjects>();
        services.AddSingleton<EventObject, SettingsOfEvent>();
        services.AddSingleton<SettingsWitness, SettingsEvents>();
        services.AddSingleton<SettingsRule, WebhookRule>();
        services.AddSingleton<SettingsRule, AuditFileRule>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton<WebhookDelivery>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookDelivery>());
        services.AddHostedService<ServerLife>();
        services.AddPeriodicWork<AuditFilesWork>(
            "audit-files", RunsAt.EveryInstance, TimeSpan.FromSeconds(5), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<CertificateWatch>(
            "certificate", RunsAt.EveryInstance, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<EventPruningWork>(
            "event-pruning", RunsAt.OneInstance, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
    }

    public static void MapEvents(this IEndpointRouteBuilder endpoints) => endpoints.MapEventsApi();
}
