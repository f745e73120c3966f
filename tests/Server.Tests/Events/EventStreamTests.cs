using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Tests.AuthRole;
using Halley.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.Events;

public class EventStreamTests(RoleServers servers) : IClassFixture<RoleServers>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [DatabaseData]
    public async Task A_listener_is_greeted_and_told_in_order_what_happens(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        using var socket = await ConnectAsync(server, "", ServerHost.Username, "Password", ServerHost.Password, "", "");
        Assert.Equal("200 OK", await ReceiveAsync(socket));
        var hello = JsonDocument.Parse(await ReceiveAsync(socket)).RootElement;
        var owner = await server.AddAccountAsync("tenant-a");
        var job = await server.ReportAsync(owner, RoleServer.Job());
        job.Status = JobStatus.Success;
        await server.ReportAsync(owner, job);

        Assert.Equal(4000, hello.GetProperty("Type").GetInt32());
        Assert.NotEqual("", hello.GetProperty("Data").GetProperty("Version").GetString());
        var started = await NextOfAsync(socket, job.GUID);
        var ended = await NextOfAsync(socket, job.GUID);
        Assert.Equal(("SEVT_JOB_NEW", 4200), (started.GetProperty("TypeString").GetString(), started.GetProperty("Type").GetInt32()));
        Assert.Equal(4201, ended.GetProperty("Type").GetInt32());
        Assert.Equal("tenant-a", ended.GetProperty("OwnerOrganizationID").GetString());
        Assert.Equal(5000, ended.GetProperty("Data").GetProperty("Status").GetInt32());
    }

    [Theory]
    [InlineData("allowList=4201", 4201)]
    [InlineData("allowList=SEVT_JOB_NEW", 4200)]
    [InlineData("allowList=[4200]&allowList=4702", 4200)]
    public async Task A_listener_that_names_types_is_told_of_no_others(string allowList, int type)
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        using var socket = await ConnectAsync(server, allowList, ServerHost.Username, "Password", ServerHost.Password, "", "");
        Assert.Equal("200 OK", await ReceiveAsync(socket));
        await ReceiveAsync(socket); // the greeting
        var owner = await server.AddAccountAsync("tenant-a");
        var jobs = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var job = RoleServer.Job();
            await server.ReportAsync(owner, job);
            job.Status = JobStatus.Success;
            await server.ReportAsync(owner, job);
            jobs.Add(job.GUID);
        }

        foreach (var job in jobs)
        {
            var told = JsonDocument.Parse(await ReceiveAsync(socket)).RootElement;
            Assert.Equal((type, job), (told.GetProperty("Type").GetInt32(), told.GetProperty("ResourceID").GetString()));
        }
    }

    [Fact]
    public async Task Wrong_credentials_are_told_so_and_the_stream_is_closed()
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        using var socket = await ConnectAsync(server, "", ServerHost.Username, "Password", "wrong", "", "");

        Assert.Equal("403 Unauth", await ReceiveAsync(socket));
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[100], CancellationToken.None)).MessageType);
    }

    [Fact]
    public async Task A_frame_that_is_too_long_or_no_text_is_refused()
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        using var longFrame = await ConnectAsync(server, "", new string('x', 10_000));
        Assert.Equal("403 Unauth", await ReceiveAsync(longFrame));
        using var answer = await server.Host.Http.GetAsync(new Uri("/api/v1/events/stream", UriKind.Relative));
        Assert.Contains("websocket", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Events_of_many_writers_and_of_transactions_taken_back_are_told_once_each_in_order(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        using var subscription = server.Host.Service<EventFeed>().Subscribe(EventTenant.OfAdministrator("many"), 1000);
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, token) =>
        {
            await using var scope = server.Host.CreateScope();
            var context = scope.ServiceProvider.GetRequiredService<ServerDbContext>();
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            context.Add(NewEvent(server, "many", $"{number}"));
            await context.SaveChangesAsync(token);
            await (number % 5 == 0 ? transaction.RollbackAsync(token) : transaction.CommitAsync(token));
        });

        var seen = new List<EventRecord>();
        using var limit = new CancellationTokenSource(Deadline);
        while (seen.Count < 48)
        {
            seen.Add(await subscription.Events.ReadAsync(limit.Token));
        }

        Assert.Equal(seen.Select(record => record.Sequence).Order(), seen.Select(record => record.Sequence));
        Assert.Equal(48, seen.Select(record => record.ResourceId).Distinct().Count());
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_dropped_and_the_others_are_not()
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        var feed = server.Host.Service<EventFeed>();
        using var slow = feed.Subscribe(EventTenant.OfAdministrator("slow"), 2);
        using var quick = feed.Subscribe(EventTenant.OfAdministrator("slow"), 100);
        for (var count = 0; count < 5; count++)
        {
            await AddAsync(server, "slow", $"{count}");
        }

        await feed.CatchUpAsync(default);

        Assert.True(slow.IsDropped);
        Assert.False(quick.IsDropped);
        Assert.Equal(5, quick.Events.Count);
    }

    [Theory]
    [DatabaseData]
    public async Task The_own_api_catches_up_from_a_number_and_goes_on(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        await AddAsync(server, "catch", "first");
        await AddAsync(server, "catch", "second");
        using var client = await server.Host.SignInAsync();
        var all = await EventsAsync(client, "/api/v2/events?limit=1000");
        var first = all.Single(told => told.GetProperty("resourceId").GetString() == "first").GetProperty("sequence").GetInt64();
        var later = await EventsAsync(client, $"/api/v2/events?after={first}&type=4100");

        Assert.Contains(later, told => told.GetProperty("resourceId").GetString() == "second");
        Assert.All(later, told => Assert.True(told.GetProperty("sequence").GetInt64() > first));

        using var answer = await client.GetAsync(
            new Uri($"/api/v2/events/stream?after={first}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await ReadUntilAsync(lines, "\"second\"");
        await AddAsync(server, "catch", "third");
        await ReadUntilAsync(lines, "\"third\"");
    }

    private static async Task AddAsync(RoleServer server, string organization, string resource)
    {
        await using var scope = server.Host.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<ServerDbContext>();
        context.Add(NewEvent(server, organization, resource));
        await context.SaveChangesAsync();
    }

    // Of this moment: the job that removes old events runs soon after the start, and what it removes is not streamed any more.
    private static EventRecord NewEvent(RoleServer server, string organization, string resource) => EventRecord.Of(
        StreamableEventType.AccountNew, server.Host.Service<TimeProvider>().GetUtcNow(), "", organization, resource);

    private static async Task<List<JsonElement>> EventsAsync(HttpClient client, string path) =>
        [.. JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement.GetProperty("items")
            .EnumerateArray()];

    private static async Task ReadUntilAsync(StreamReader lines, string text)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The stream ended before {text}.");
    }

    private static async Task<ClientWebSocket> ConnectAsync(RoleServer server, string query, params string[] frames)
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(server.Host.Http.BaseAddress!) { Scheme = "ws", Path = "/api/v1/events/stream", Query = query };
        await socket.ConnectAsync(address.Uri, CancellationToken.None);
        foreach (var frame in frames)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }

        return socket;
    }

    private static async Task<JsonElement> NextOfAsync(ClientWebSocket socket, string resource)
    {
        while (true)
        {
            var told = JsonDocument.Parse(await ReceiveAsync(socket)).RootElement;
            if (told.TryGetProperty("ResourceID", out var id) && id.GetString() == resource)
            {
                return told;
            }
        }
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var buffer = new byte[100_000];
        var length = 0;
        WebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), limit.Token);
            length += received.Count;
        }
        while (!received.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
