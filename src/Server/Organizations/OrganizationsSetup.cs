using Halley.Server.Access;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Periodic;

namespace Halley.Server.Organizations;

internal static class OrganizationsSetup
{
    public static void AddOrganizations(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<OrganizationDocument>();
        services.AddSingleton<OrganizationCache>();
        services.AddSingleton<OrganizationActions>();
        services.AddSingleton<EventObject, OrganizationOfEvent>();
        services.AddSingleton<IsOrganizationSuspended>(provider =>
        {
            var directory = provider.GetRequiredService<OrganizationCache>();
            return (id, _) => ValueTask.FromResult(id.Length > 0 && directory.Find(id) is not { IsSuspended: false });
        });
        services.AddPeriodicWork<ResourcePruningWork>(
            "resources", RunsAt.OneInstance, TimeSpan.FromHours(1), (pruning, token) => pruning.RunOnceAsync(token));
        services.AddPeriodicWork<OrganizationCache>(
            "organizations", RunsAt.EveryInstance, TimeSpan.FromSeconds(10), (directory, token) => directory.LoadAsync(token));
    }

    /// <summary>
    /// Admits people of an organization only while it is not suspended, and only through its own hosts if it has any. This covers sessions
    /// and cookies, whose callers the framework knows. Code that checks credentials itself must call the cache.
    /// </summary>
    public static void UseOrganizations(this WebApplication app)
    {
        var directory = app.Services.GetRequiredService<OrganizationCache>();
        app.Use((context, next) =>
        {
            if (CallerOrganization.Of(context.User) is not { } organization || directory.Admits(organization, context.Request.Host))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
    }

    public static Task LoadOrganizationsAsync(this WebApplication app) =>
        app.Services.GetRequiredService<OrganizationCache>().LoadAsync(app.Lifetime.ApplicationStopping);
}
