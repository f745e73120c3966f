using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.AuthRole.Reports;

public class ReportTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 6, 0, 0, TimeSpan.Zero);

    [Theory]
    [DatabaseData]
    public async Task A_job_that_ends_is_reported_at_once_to_whom_it_may_concern(TestDatabase database)
    {
        await using var scene = await Scene.StartAsync(database);
        var owner = await scene.Server.AddAccountAsync(profile: new UserProfileConfig
        {
            SendEmailReports = true,
            Emails = ["all@example.org", "failures@example.org", "none@example.org", "no address"],
            OverrideEmailSettings =
            {
                ["failures@example.org"] = new UserCustomEmailSettings
                {
                    Reports =
                    [
                        new EmailReportConfig
                        {
                            Filter = new SearchClause
                            {
                                RuleField = "BackupJobDetail.Status",
                                RuleOperator = "int_gte",
                                RuleValue = "7000",
                            },
                        },
                    ],
                },
                ["none@example.org"] = new UserCustomEmailSettings(),
            },
            Sources = { ["source"] = new SourceConfig { Description = "<b>Files & more</b>" } },
        });
        await scene.RunAsync();
        await scene.Server.ReportAsync(owner, RoleServer.Job(JobStatus.Success));
        await scene.Server.ReportAsync(owner, RoleServer.Job(JobStatus.Error));
        await scene.Server.ReportAsync(owner, RoleServer.Job(JobStatus.Success, JobClassification.Retention));
        await scene.RunAsync();
        await scene.RunAsync();

        Assert.Equal(
            ["all@example.org", "all@example.org", "failures@example.org"],
            scene.Mail.Received.Select(email => email.Recipient).Order(StringComparer.Ordinal));
        var failure = scene.Mail.Received.Single(email => email.Recipient == "failures@example.org").Content;
        Assert.Contains("Error", failure, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Files &amp; more&lt;/b&gt;", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("http", failure, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [DatabaseData]
    public async Task A_mail_server_that_refuses_gets_the_message_later_and_once(TestDatabase database)
    {
        await using var scene = await Scene.StartAsync(database);
        var owner =
            await scene.Server.AddAccountAsync(profile: new UserProfileConfig { SendEmailReports = true, Emails = ["a@example.org"] });
        await scene.RunAsync();
        scene.Mail.RefuseNext(1);
        await scene.Server.ReportAsync(owner, RoleServer.Job(JobStatus.Success));
        await scene.RunAsync();
        Assert.Empty(scene.Mail.Received);
        Assert.Equal(1, await scene.Queue.CountWaitingAsync(default));

        scene.Time.Advance(TimeSpan.FromMinutes(2));
        await scene.RunAsync();
        await scene.ReceivedAsync(1);
        // Its end must have been noted: a run that is interrupted for hours before that sends once more.
        await Eventually.HoldsAsync(
            "the queue is empty", TimeSpan.FromSeconds(20), async () => await scene.Queue.CountWaitingAsync(default) == 0);
        scene.Time.Advance(TimeSpan.FromHours(12));
        await scene.RunAsync();

        Assert.Single(scene.Mail.Received);
        Assert.Equal((1, 1, 0), (scene.Queue.Sent, scene.Queue.Failed, await scene.Queue.CountWaitingAsync(default)));
    }

    [Theory]
    [DatabaseData]
    public async Task Scheduled_reports_come_once_at_their_time_by_policy_and_to_administrators(TestDatabase database)
    {
        await using var scene = await Scene.StartAsync(database, new EmailReportingOption
        {
            EmailReportConfig = Daily(ReportWriting.Grouped),
            LocalTimezone = "Europe/Berlin",
            Recipients = ["admin@example.org"],
        });
        var policy =
            new UserPolicy { DefaultEmailReports = { ShouldOverrideDefaultReports = true, Reports = [Daily(ReportWriting.Summary)] } };
        var owner = await scene.Server.AddAccountAsync(profile: new UserProfileConfig
        {
            SendEmailReports = true,
            Emails = ["user@example.org"],
            LocalTimezone = "Europe/Berlin",
            Policy = policy,
        });
        await scene.RunAsync();
        var job = RoleServer.Job(JobStatus.Warning);
        (job.StartTime, job.EndTime) = (Start.ToUnixTimeSeconds() - 3600, Start.ToUnixTimeSeconds() - 3000);
        await scene.Server.ReportAsync(owner, job);
        // Nine o'clock in Berlin is seven in UTC.
        scene.Time.SetUtcNow(Start.AddMinutes(59));
        await scene.RunAsync();
        Assert.Empty(scene.Mail.Received);
        scene.Time.SetUtcNow(Start.AddMinutes(61));
        await scene.RunAsync();
        await scene.RunAsync();
        await scene.ReceivedAsync(2);

        Assert.Equal(
            ["admin@example.org", "user@example.org"], scene.Mail.Received.Select(email => email.Recipient).Order(StringComparer.Ordinal));
        Assert.All(scene.Mail.Received,
            email => Assert.Contains("1 Warning", email.Content.Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_about_email_preview_test_and_refuse()
    {
        await using var scene = await Scene.StartAsync(TestDatabase.Sqlite);
        var owner = await scene.Server.AddAccountAsync(profile: new UserProfileConfig { Emails = ["a@example.org"] });
        async Task<(int Status, JsonElement Answer)> CallAsync(string call, params (string, string)[] fields)
        {
            var answer = await scene.Server.CallAsync(call, fields);
            return (answer.GetProperty("Status").GetInt32(), answer);
        }

        foreach (var type in Enumerable.Range(0, 4))
        {
            var preview = await CallAsync(
                "preview-user-email-report", ("TargetUser", owner.Username), ("EmailReportConfig", $$"""{"ReportType":{{type}}}"""));
            Assert.Equal(200, preview.Status);
            Assert.Contains("<html>", preview.Answer.GetProperty("EmailBodyHTML").GetString(), StringComparison.Ordinal);
            Assert.Equal("a@example.org", preview.Answer.GetProperty("To")[0].GetString());
        }

        var wrongFilter = """{"ReportType":1,"Filter":{"ClauseType":"xor"}}""";
        Assert.Equal(
            400, (await CallAsync("preview-user-email-report", ("TargetUser", owner.Username), ("EmailReportConfig", wrongFilter))).Status);
        Assert.Equal(400, (await CallAsync("preview-user-email-report", ("TargetUser", "nobody-x"), ("EmailReportConfig", "{}"))).Status);
        var options = JsonSerializer.Serialize(scene.Options, CometJson.Options);
        Assert.Equal(200, (await CallAsync("meta/send-test-email", ("EmailOptions", options), ("Recipient", "t@example.org"))).Status);
        Assert.Equal("t@example.org", Assert.Single(scene.Mail.Received).Recipient);
        Assert.Equal("halley.test", scene.Mail.Greeting);
        Assert.Equal(400, (await CallAsync("meta/send-test-email", ("EmailOptions", options), ("Recipient", "nobody\r\nBcc: x@y"))).Status);
        Assert.Equal(
            400, (await CallAsync("meta/send-test-email", ("EmailOptions", """{"Mode":"smtp"}"""), ("Recipient", "t@example.org"))).Status);
        var report = """{"EmailReportConfig":{"ReportType":3},"Recipients":["r@example.org"]}""";
        Assert.Equal(200, (await CallAsync("meta/send-test-report", ("EmailReportingOption", report))).Status);
        Assert.Equal("r@example.org", scene.Mail.Received[1].Recipient);
        Assert.Equal(400, (await CallAsync("meta/email-options/set", ("EmailOptions", """{"Mode":"smtp"}"""))).Status);
        Assert.Equal("smtp", (await scene.Server.CallAsync("meta/email-options/get")).GetProperty("Mode").GetString());
    }

    [Theory]
    [InlineData("Halley <halley@example.org>", 200)]
    [InlineData("<halley@example.org>", 200)]
    [InlineData("halley", 400)]
    [InlineData("halley@example.org\r\nBcc: x@example.org", 400)]
    [InlineData("", 400)]
    public async Task Sender_is_accepted_or_refused_when_it_is_set_and_an_accepted_one_sends(string sender, int status)
    {
        await using var scene = await Scene.StartAsync(TestDatabase.Sqlite);
        scene.Options.FromEmail = sender;
        scene.Options.FromName = "";
        var options = JsonSerializer.Serialize(scene.Options, CometJson.Options);

        var set = await scene.Server.CallAsync("meta/email-options/set", ("EmailOptions", options));
        var organization = await scene.Server.CallAsync("organization/set", ("Organization", $$"""{"Name":"t","Email":{{options}}}"""));

        Assert.Equal((status, status), (set.GetProperty("Status").GetInt32(), organization.GetProperty("Status").GetInt32()));
        if (status == 200)
        {
            await scene.Queue.AddAsync("one", "", "a@example.org", new Report("s", "h", "t"), default);
            await scene.Queue.RunOnceAsync(default);
            Assert.Contains("halley@example.org", Assert.Single(scene.Mail.Received).Sender, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Mail_that_fails_is_given_up_after_six_tries_with_an_event_and_delays_nobody_else()
    {
        await using var scene = await Scene.StartAsync(TestDatabase.Sqlite);
        var broken = new EmailOptions { Mode = "smtp", FromEmail = "t@example.org", SMTPHost = "127.0.0.1", SMTPPort = 1 };
        var made = await scene.Server.CallAsync(
            "organization/set",
            ("Organization", $$"""{"Name":"t","Email":{{JsonSerializer.Serialize(broken, CometJson.Options)}}}"""));
        var report = new Report("Subject", "h", "t");
        for (var i = 0; i < 5; i++)
        {
            await scene.Queue.AddAsync($"broken {i}", made.GetProperty("ID").GetString()!, "a@example.org", report, default);
        }

        await scene.Queue.AddAsync("good", "", "b@example.org", report, default);
        await scene.Queue.RunOnceAsync(default);
        Assert.Equal("b@example.org", Assert.Single(scene.Mail.Received).Recipient);
        Assert.Equal(3, scene.Queue.Failed); // its other mails wait for their next turn

        for (var hours = 0; hours < 24 && await scene.Queue.CountWaitingAsync(default) > 0; hours++)
        {
            scene.Time.Advance(TimeSpan.FromHours(7));
            await scene.Queue.RunOnceAsync(default);
        }

        await Eventually.HoldsAsync(
            "all five are given up", TimeSpan.FromSeconds(20), async () => await scene.Queue.CountGivenUpAsync(default) == 5);

        // A claim lasts ten minutes. The clock jumps over it, so that the server's own run and this one may make a try of the same mail.
        Assert.InRange(scene.Queue.Failed, 5 * 6, (5 * 6) + 5);
        await using var database = await scene.Server.Host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var told = await database.Set<EventRecord>().Where(record => record.Type == StreamableEventType.EmailGivenUp).ToListAsync();
        Assert.Equal(5, told.Select(record => record.ResourceId).Distinct().Count());
        Assert.All(told, record => Assert.Contains("a@example.org", record.Data, StringComparison.Ordinal));
    }

    private static EmailReportConfig Daily(long type) =>
        new() { ReportType = type, SummaryFrequency = [new ScheduleConfig { FrequencyType = 8011, SecondsPast = 9 * 3600 }] };

    private sealed class Scene(RoleServer server, SmtpListener mail, FakeTimeProvider time, EmailOptions options) : IAsyncDisposable
    {
        public RoleServer Server => server;

        public SmtpListener Mail => mail;

        public FakeTimeProvider Time => time;

        public EmailOptions Options => options;

        public EmailSendingWork Queue => server.Host.Service<EmailSendingWork>();

        public static async Task<Scene> StartAsync(TestDatabase database, params EmailReportingOption[] reports)
        {
            var time = new FakeTimeProvider(Start);
            var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
            var mail = new SmtpListener();
            var options = new EmailOptions
            {
                Mode = "smtp",
                FromEmail = "halley@example.org",
                FromName = "Halley",
                SMTPHost = "127.0.0.1",
                SMTPPort = mail.Port,
                SMTPAllowUnencrypted = true,
                SMTPCustomEhlo = "halley.test",
                EmailReportingOptions = [.. reports],
            };
            await new RoleServer(host).KeepOldJobsAsync();
            var scene = new Scene(new RoleServer(host), mail, time, options);
            var set = await scene.Server.CallAsync(
                "meta/email-options/set", ("EmailOptions", JsonSerializer.Serialize(options, CometJson.Options)));
            Assert.Equal(200, set.GetProperty("Status").GetInt32());
            return scene;
        }

        /// <summary>What the server does every few seconds.</summary>
        public async Task RunAsync()
        {
            await server.Host.Service<ImmediateReportsWork>().RunOnceAsync(default);
            await server.Host.Service<ScheduledReportsWork>().RunOnceAsync(default);
            await Queue.RunOnceAsync(default);
        }

        // Moving the clock also starts the server's own runs, which may have taken the work.
        public Task ReceivedAsync(int count) =>
            Eventually.HoldsAsync($"{count} e-mails arrive", TimeSpan.FromSeconds(20), () => mail.Received.Count >= count);

        public async ValueTask DisposeAsync()
        {
            await mail.DisposeAsync();
            await server.Host.DisposeAsync();
        }
    }
}
