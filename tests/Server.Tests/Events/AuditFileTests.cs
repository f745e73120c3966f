using System.Text.Json.Nodes;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Protocol.Settings;
using Halley.Server.Events.Audit;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using ServerSettings = Halley.Server.Settings.ServerSettings;

namespace Halley.Server.Tests.Events;

public class AuditFileTests(SharedServers servers) : IClassFixture<SharedServers>
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
    }

    [Theory]
    [InlineData("{\"f\":{\"Filename\":\"../outside\"}}", "{}", "Audit file f: Filename must be")]
    [InlineData("{\"f\":{\"Filename\":\"halley\"}}", "{}", "Audit file f: Filename must be")]
    [InlineData("{\"f\":{\"Filename\":\"audit\",\"Level\":\"some\"}}", "{}", "Audit file f: Level must be")]
    [InlineData("{}", "{\"w\":{\"URL\":\"ftp://hook.example/\"}}", "Webhook w: URL must be")]
    public async Task File_or_webhook_that_could_not_work_is_named_and_left_out_of_a_whole_configuration(
        string files, string webhooks, string reason)
    {
        var host = await servers.StartAsync();
        var document = JsonNode.Parse((await host.AsAdministratorAsync("meta/server-config/get")).GetRawText())!;
        document["AuditFileOptions"] = JsonNode.Parse(files);
        document["WebhookOptions"] = JsonNode.Parse(webhooks);

        var answer = await host.AsAdministratorAsync("meta/server-config/set", ("Config", document.ToJsonString()));

        Assert.Equal(200, answer.StatusOf());
        Assert.Contains(reason, answer.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Service<ServerSettings>().Current.AuditFileOptions);
        Assert.Empty(host.Service<ServerSettings>().Current.WebhookOptions);
    }
}
