using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration.Json;

namespace Halley.Server.Hosting;

internal static partial class HostingSetup
{
    /// <summary>
    /// Creates a builder with settings from the program's own appsettings.json, the one in the working directory, the environment and the
    /// command line. Later ones win.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        SocketTuning.Apply();
        UseInvariantCulture();
        PrivateModes.Apply();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Watching the files would cost inotify handles, and no setting is read twice.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
            ContentRootPath = AppContext.BaseDirectory,
        });
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        var own = sources.OfType<JsonConfigurationSource>().LastOrDefault();
        var local = new JsonConfigurationSource { Path = Path.GetFullPath("appsettings.json"), Optional = true };
        local.ResolveFileProvider();
        sources.Insert(own is null ? 0 : sources.IndexOf(own) + 1, local);
        return builder;
    }

    // Logs, mails and answers are read by machines and by people of other countries, so they never depend on the language of the machine:
    // Thai years are 543 ahead, and half of Europe writes a comma in numbers.
    private static void UseInvariantCulture()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
    }

    /// <summary>Adds what the server and its subcommands need: the data directory and the clock.</summary>
    public static DataDirectory AddDataDirectory(this WebApplicationBuilder builder, out HalleyOptions options)
    {
        options = builder.AddOptionsOf<HalleyOptions>("");
        var directory = new DataDirectory(options);
        builder.Services.AddSingleton(_ => directory);
        builder.Services.AddSingleton(TimeProvider.System);
        return directory;
    }

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        var directory = builder.AddDataDirectory(out var options);
        builder.AddServerLog(directory);
        builder.AddListening(options);
        builder.AddProblems();
        builder.AddHealth();
        builder.AddCompression();
        builder.AddOptionsOf<OutgoingOptions>("Outgoing");
        builder.Services.AddSingleton<OutgoingHttp>();
        builder.Services.AddSingleton<StartBlock>();
        builder.Services.AddSingleton<RequestMetrics>();
        builder.Services.AddSingleton<LineAllowance>();
        builder.Services.AddSingleton<LogFiles>();
        builder.Services.AddSingleton<InstallationId>();
        builder.Services.AddSingleton<ForwardingNotice>();
        builder.Services.AddSingleton<ServiceControl>();
        // Do nothing unless systemd or the Windows service manager has started the process.
        builder.Services.AddSystemd();
        builder.Services.AddWindowsService();
    }

    /// <summary>The middleware that a request passes before it reaches an endpoint, outermost first.</summary>
    public static void UseHosting(this WebApplication app, string problemsBelow)
    {
        app.Use(TransferCoding.CheckAsync);
        app.UseForwardedHeaders();
        app.Use(app.Services.GetRequiredService<ForwardingNotice>().LookAsync);
        app.Use(DropDuplicateLeadingSlashes);
        app.UseRouting();
        app.UseMiddleware<RequestLog>();
        app.Use(BodyLimit.ApplyAsync);
        app.UseCompression();
        app.UseProblems(problemsBelow);
        app.Use(RefuseCharacterZero);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseKnownParameters(problemsBelow);
    }

    /// <summary>
    /// Prepares the server: runs <paramref name="first"/> in order, then <paramref name="others"/> concurrently. Then serves until it is
    /// stopped. A refused start becomes one line and an exit code.
    /// </summary>
    public static async Task<int> RunServerAsync(
        this WebApplication app, IReadOnlyList<Func<WebApplication, Task>> first, params Func<WebApplication, Task>[] others)
    {
        try
        {
            var directory = app.Services.GetRequiredService<DataDirectory>();
            directory.Lock();
            directory.EnsureWritable();
            // Binding some hundred handlers takes as long as opening the database, and does not depend on it.
            var endpoints = Task.Run(() => ((IEndpointRouteBuilder)app).DataSources.Sum(source => source.Endpoints.Count));
            foreach (var prepare in first)
            {
                await prepare(app);
            }

            await Task.WhenAll(others.Select(prepare => Task.Run(() => prepare(app))));
            await endpoints;
            app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<StartBlock>().Show(Console.Out));
            var control = app.Services.GetRequiredService<ServiceControl>();
            await app.RunAsync();
            return control.IsRestart ? ExitCodes.Restart : ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped before it had started.
            return ExitCodes.Ok;
        }
#pragma warning disable CA1031 // the boundary of the start: what is no mistake of the operator goes to the log with its trace
        catch (Exception problem)
#pragma warning restore CA1031
        {
            var refusal = StartRefusal.Of(problem);
            if (refusal is null)
            {
                LogStartFailed(app.Logger, problem);
            }

            await app.DisposeAsync();
            return StartRefusal.Show(
                refusal ?? new StartRefusedException(ExitCodes.Failed, $"{problem.Message} The log has the details.", problem));
        }
    }

    // No database stores it in a text, and no client sends it on purpose.
    private static Task RefuseCharacterZero(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Value?.Contains('\0', StringComparison.Ordinal) == true
            || context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        return next(context);
    }

    // Some clients of the vendor's API join "https://server/" and "/api/…".
    private static Task DropDuplicateLeadingSlashes(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Value is { } path && path.StartsWith("//", StringComparison.Ordinal))
        {
            context.Request.Path = new PathString("/" + path.TrimStart('/'));
        }

        return next(context);
    }

    [LoggerMessage(LogEvents.StartFailed, LogLevel.Critical, "The server failed before it was stopped")]
    private static partial void LogStartFailed(ILogger logger, Exception problem);
}
