using Halley.Server.Data;
using Halley.Server.Hosting;

namespace Halley.Server.Instances;

internal static class InstancesSetup
{
    public static InstancesOptions AddInstances(this WebApplicationBuilder builder)
    {
        var options = builder.AddOptionsOf<InstancesOptions>("Instances");
        var services = builder.Services;
        services.AddSingleton<InstanceId>();
        services.AddSingleton<InstanceSeal>();
        services.AddSingleton<InstanceBus>();
        services.AddSingleton<ChangeNotices>();
        services.AddSingleton<Leases>();
        services.AddSingleton<WorkLease>();
        if (options.AreSeveral)
        {
            services.AddHostedService(provider => provider.GetRequiredService<WorkLease>());
            services.AddHostedService(provider => provider.GetRequiredService<ChangeNotices>());
            services.AddHealthChecks().AddCheck<InstancesHealth>("redis");
        }

        return options;
    }

    /// <summary>Rejects settings that several instances cannot share. Runs before the database is created.</summary>
    public static Task CheckInstancesAsync(this WebApplication app) =>
        app.Services.GetRequiredService<InstancesOptions>().AreSeveral
            && app.Services.GetRequiredService<DatabaseOptions>().Provider == DatabaseProvider.Sqlite
            ? throw new StartRefusedException(
                ExitCodes.WrongSettings,
                "Halley:Instances:Redis is for several instances on one database, which SQLite cannot be: "
                + "set Halley:Database:Provider to PostgreSql, or take Halley:Instances:Redis away.")
            : Task.CompletedTask;

    /// <summary>Connects to Redis if there may be other instances.</summary>
    public static Task JoinInstancesAsync(this WebApplication app)
    {
        var bus = app.Services.GetRequiredService<InstanceBus>();
        if (!bus.IsUsed)
        {
            return Task.CompletedTask;
        }

        // The keys encrypt the messages.
        DataDirectory.Make(app.Services.GetRequiredService<DataDirectory>().Keys);
        return bus.ConnectAsync();
    }
}
