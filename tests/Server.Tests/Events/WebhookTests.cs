using System.Collections.Concurrent;
using System.Text.Json;
using Halley.Server.Tests.AuthRole;
using Halley.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.Events;

public class WebhookTests(RoleServers servers) : IClassFixture<RoleServers>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [DatabaseData]
    public async Task A_webhook_that_fails_first_is_told_again_and_one_that_is_down_stops_nobody(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        await using var listener = await Listener.StartAsync();
        var options = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["full"] = new
            {
                URL = listener.Address + "full",
                CustomHeaders = new { Secret = "s" },
                Level = "full",
                WhiteListedEventTypes = new[] { 4000, 4201 },
            },
            ["none"] = new
            {
                URL = listener.Address + "none",
                CustomHeaders = new { },
                Level = "none",
                WhiteListedEventTypes = Array.Empty<int>(),
            },
            ["down"] = new
            {
                URL = "http://127.0.0.1:1/",
                CustomHeaders = new { },
                Level = "full",
                WhiteListedEventTypes = Array.Empty<int>(),
            },
        });
        Assert.Equal(
            200, (await server.CallAsync("meta/webhook-options/set", ("WebhookOptions", options))).GetProperty("Status").GetInt32());
        Assert.True((await server.CallAsync("meta/webhook-options/get")).TryGetProperty("full", out _));
        await Eventually.HoldsAsync(
            "both are greeted", Deadline, () => listener.Of("/full", 4000).Any() && listener.Of("/none", 4000).Any());
        listener.FailNext = 1;
        var job = await server.ReportAsync(await server.AddAccountAsync(), RoleServer.Job(Protocol.Jobs.JobStatus.Success));
        await Eventually.HoldsAsync("both are told", Deadline, () => listener.Of("/full", 4201).Any() && listener.Of("/none", 4201).Any());

        var told = listener.Of("/full", 4201).First();
        Assert.Equal("s", told.Secret);
        Assert.NotEqual("", told.Tracing);
        Assert.Equal(job.GUID, told.Body.GetProperty("Data").GetProperty("GUID").GetString());
        Assert.False(listener.Of("/none", 4201).First().Body.TryGetProperty("Data", out _));
        Assert.Empty(listener.Of("/full", 4200));
        Assert.NotEmpty(listener.Of("/none", 4200));
        Assert.Equal(1, listener.Failed);
    }

    [Theory]
    [InlineData("""{"a":{"URL":"ftp://x/"}}""")]
    [InlineData("""{"a":{"URL":"http://x/","Level":"some"}}""")]
    [InlineData("""{"a":{"URL":"http://x/","CustomHeaders":{"a b":"c"}}}""")]
    [InlineData("""{"a":null}""")]
    [InlineData("[]")]
    public async Task Options_that_make_no_sense_are_refused(string options)
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        Assert.Equal(
            400, (await server.CallAsync("meta/webhook-options/set", ("WebhookOptions", options))).GetProperty("Status").GetInt32());
    }

    private sealed record Told(string Path, string Secret, string Tracing, JsonElement Body);

    private sealed class Listener(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<Told> _told = new();
        private int _failNext;

        public string Address => app.Urls.Single() + "/";

        public int Failed { get; private set; }

        public int FailNext
        {
            set => Interlocked.Exchange(ref _failNext, value);
        }

        public IEnumerable<Told> Of(string path, int type) =>
            _told.Where(told => told.Path == path && told.Body.GetProperty("Type").GetInt32() == type);

        public static async Task<Listener> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var listener = new Listener(app);
            app.Run(listener.AnswerAsync);
            await app.StartAsync();
            return listener;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            if (Interlocked.Decrement(ref _failNext) >= 0)
            {
                Failed++;
                context.Response.StatusCode = 500;
                return;
            }

            var body = await JsonDocument.ParseAsync(context.Request.Body);
            _told.Enqueue(new Told(
                context.Request.Path, context.Request.Headers["Secret"].ToString(),
                context.Request.Headers["x-Comet-Tracing-Id"].ToString(),
                body.RootElement));
        }
    }
}
