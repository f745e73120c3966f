using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Protocol.Settings;
using Halley.Server.Events.Audit;
using Halley.Server.Tests.AuthRole;
using Halley.Testing;
using ServerSettings = Halley.Server.Settings.ServerSettings;

namespace Halley.Server.Tests.Events;

public class AuditFileTests
{
    [Fact]
    public async Task Events_are_written_to_the_files_of_the_settings_once_each()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var server = new RoleServer(host);
        await server.KeepOldJobsAsync();
        var audit = host.Service<AuditFilesWork>();
        await host.Service<ServerSettings>().ChangeAsync(
            options =>
            {
                options.AuditFileOptions["all"] = new FileOption { Filename = "audit" };
                options.AuditFileOptions["ends"] =
                    new FileOption { Filename = "ends", AllowEventTypes = [StreamableEventType.JobCompleted], Level = "none" };
                options.AuditFileOptions["wrong"] = new FileOption { Filename = "../outside" };
                return null;
            },
            default);
        await audit.RunOnceAsync(default);
        var job = await server.ReportAsync(await server.AddAccountAsync(), RoleServer.Job(JobStatus.Success));
        await audit.RunOnceAsync(default);
        await audit.RunOnceAsync(default);

        string[] Lines(string name) =>
            Directory.GetFiles(Path.Combine(host.DataDirectory, "logs"), $"{name}-*.jsonl").SelectMany(File.ReadAllLines).ToArray();
        Assert.Equal(2, Lines("audit").Count(line => line.Contains(job.GUID, StringComparison.Ordinal)));
        Assert.Contains("\"Type\":4201", Assert.Single(Lines("ends")), StringComparison.Ordinal);
        Assert.DoesNotContain("\"Data\"", Lines("ends")[0], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(host.DataDirectory, "outside*"));
    }
}
