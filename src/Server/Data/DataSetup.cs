using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

internal static class DataSetup
{
    public static void AddData(this WebApplicationBuilder builder)
    {
        var options = builder.AddOptionsOf<DatabaseOptions>("Database");
        if (options.Provider == DatabaseProvider.PostgreSql)
        {
            builder.Services.AddContext<PostgresServerDbContext>((_, context) => context.UseNpgsql(options.ConnectionString));
        }
        else
        {
            builder.Services.AddSingleton<SqliteTurns>();
            builder.Services.AddContext<SqliteServerDbContext>((services, context) => context
                .UseSqlite(ConnectionString(services.GetRequiredService<DataDirectory>()))
                .AddInterceptors(new SqlitePragmas(), services.GetRequiredService<SqliteTurns>()));
        }

        builder.AddOptionsOf<GrowthOptions>("Growth");
        builder.Services.AddSingleton<DatabaseRoom>();
        builder.Services.AddSingleton<GrowthBudget>();
        builder.Services.AddSingleton<IInterceptor>(services => services.GetRequiredService<GrowthBudget>());
        builder.Services.AddSingleton<DatabaseFailures>();
        builder.Services.AddSingleton<FailureExplanation>(services => services.GetRequiredService<DatabaseFailures>().Explain);
        builder.Services.AddSingleton<DatabaseHealth>();
        builder.Services.AddSingleton<SqliteCopies>();
        builder.Services.AddSingleton<DatabaseMigration>();
        builder.Services.AddSingleton<Idempotency>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
    }

    /// <summary>
    /// Limits how much callers make the database grow (<see cref="GrowthBudget"/>), and makes every POST below
    /// <paramref name="repeatableBelow"/> with an authenticated caller repeatable (<see cref="Idempotency"/>).
    /// </summary>
    public static void UseData(this WebApplication app, string repeatableBelow)
    {
        app.Use(GrowthCaller.FollowAsync);
        var idempotency = app.Services.GetRequiredService<Idempotency>();
        app.Use((context, next) => context.Request.Headers[Headers.IdempotencyKey].ToString() is { Length: > 0 } key
            && context.Request.IsBelow(repeatableBelow)
            && context.GetEndpoint() is { } endpoint && Idempotency.IsTakenBy(endpoint.Metadata)
            && context.User.Identity?.IsAuthenticated == true
            ? idempotency.AnswerAsync(context, key, next)
            : next(context));
    }

    /// <summary>
    /// Starts to build the model of all tables, the longest step of a start, in the background. The first user of the model waits for it
    /// and gets its errors.
    /// </summary>
    public static void WarmUpData(this WebApplication app) => Task.Run(() =>
    {
        using var database = app.Services.GetRequiredService<IDbContextFactory<ServerDbContext>>().CreateDbContext();
        return database.Model;
    });

    public static Task PrepareDatabaseAsync(this WebApplication app)
    {
        if (app.Services.GetRequiredService<DatabaseOptions>().Provider == DatabaseProvider.Sqlite)
        {
            SqliteFile.EnsureWritable(app.Services.GetRequiredService<DataDirectory>());
        }

        return app.Services.GetRequiredService<DatabaseMigration>().RunAsync(app.Lifetime.ApplicationStopping);
    }

    private static string ConnectionString(DataDirectory directory) =>
        new SqliteConnectionStringBuilder { DataSource = directory.Database, ForeignKeys = true, DefaultTimeout = 30 }.ToString();

    private static void AddContext<TContext>(this IServiceCollection services, Action<IServiceProvider, DbContextOptionsBuilder> configure)
        where TContext : ServerDbContext
    {
        services.AddPooledDbContextFactory<TContext>((provider, context) =>
        {
            configure(provider, context);
            // Folders that need to see changes register an interceptor; this folder does not know them.
            context.AddInterceptors(provider.GetServices<IInterceptor>());
            // Comparing the whole model with the migrations takes a good part of a second at every start; MigrationTests do it instead.
            context.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
        });
        services.AddSingleton<IDbContextFactory<ServerDbContext>, ServerDbContextFactory<TContext>>();
        services.AddScoped<ServerDbContext>(scope => scope.GetRequiredService<IDbContextFactory<TContext>>().CreateDbContext());
    }
}
