namespace Halley.Server.Tasks;

internal static class TasksSetup
{
    public static void AddTasks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ForegroundLoad>();
        builder.Services.AddSingleton<TaskRunner>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<TaskRunner>());
        builder.Services.AddSingleton<TaskActions>();
    }
}
