using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>Commands of <c>/api/v2</c>, which are kept until a device has done them.</summary>
public class CommandTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly JsonElement Rule = JsonSerializer.SerializeToElement(new { Rule = "nightly" });

    [Theory]
    [DatabaseData]
    public async Task Command_goes_from_state_to_state_and_keeps_its_answer(TestDatabase database)
    {
        await using var host = await LiveHost.OnAsync(servers, database);
        await using var device = await host.AttachAsync();
        var given = await host.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule));
        var command = await device.NextCommandAsync();
        Assert.Equal((given.Id, CommandCatalog.RunRule.Name, """{"Rule":"nightly"}"""), (command.Id, command.Kind, command.Arguments));
        await host.EndsAsync(given.Id, CommandStates.Sent);
        await device.ReportAsync(new CommandReport(command.Id, CommandStates.Accepted));
        await host.EndsAsync(given.Id, CommandStates.Accepted);
        await device.ReportAsync(new CommandReport(command.Id, CommandStates.Running));
        await host.EndsAsync(given.Id, CommandStates.Running);
        await device.DoneAsync(command, new StartedJob("j1"));
        await host.EndsAsync(given.Id, CommandStates.Done);

        var done = await host.FindCommandAsync(given.Id);
        Assert.Equal(("j1", ServerHost.Username, "", true),
            (done.Answer!.Value.GetProperty("Job").GetString(), done.CreatedBy, done.Code, done.EndedAt is not null));
        device.Answers = one => new CommandReport(one.Id, CommandStates.Failed, Code: "no_such_rule", Message: "There is no such rule.");
        var failed = await host.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitSeconds: 30));
        Assert.Equal((CommandStates.Failed, "no_such_rule", "There is no such rule."), (failed.State, failed.Code, failed.Message));
        var page = (await host.Admin.GetFromJsonAsync<Page<DeviceCommandInfo>>($"/api/v2/devices/{LiveHost.Laptop}/commands?limit=1"))!;
        Assert.Equal(failed.Id, Assert.Single(page.Items).Id);
        var next = (await host.Admin.GetFromJsonAsync<Page<DeviceCommandInfo>>(
            $"/api/v2/devices/{LiveHost.Laptop}/commands?limit=1&after={page.Next}"))!;
        Assert.Equal((given.Id, null, null), (Assert.Single(next.Items).Id, next.Next, next.Items[0].Answer));
    }

    [Theory]
    [DatabaseData]
    public async Task Command_waits_for_its_device_over_a_restart_of_the_server(TestDatabase database)
    {
        using var data = new TemporaryDirectory();
        var connection = database == TestDatabase.PostgreSql ? await PostgresCluster.CreateDatabaseAsync() : null;
        Guid waiting, sent;
        await using (var host = await LiveHost.StartInAsync(data.Path, connection))
        {
            await host.SignInAsync();
            using var refused = await host.TryGiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name));
            Assert.Equal((HttpStatusCode.Conflict, "device_not_connected"), (refused.StatusCode, await refused.CodeOfAsync()));
            waiting = (await host.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitForDevice: true))).Id;
            await using var device = await host.AttachAsync("desktop");
            sent = (await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name), "desktop")).Id;
            var command = await device.NextCommandAsync();
            await device.ReportAsync(new CommandReport(command.Id, CommandStates.Accepted));
            await host.EndsAsync(sent, CommandStates.Accepted);
        }

        await using (var host = await LiveHost.StartInAsync(data.Path, connection))
        {
            Assert.Equal((CommandStates.Queued, CommandStates.Accepted),
                ((await host.FindCommandAsync(waiting)).State, (await host.FindCommandAsync(sent)).State));
            await using var laptop = await host.AttachAsync();
            await laptop.DoneAsync(await laptop.NextCommandAsync(), new StartedJob());
            await host.EndsAsync(waiting, CommandStates.Done);
            await using var desktop = await host.AttachAsync("desktop");
            var again = await desktop.NextCommandAsync();
            Assert.Equal(sent, again.Id);
            await desktop.DoneAsync(again);
            await host.EndsAsync(sent, CommandStates.Done);
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Command_that_was_not_taken_is_given_again_and_one_whose_time_is_over_is_not(TestDatabase database)
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(database, clock);
        DeviceCommandInfo given;
        await using (var deaf = await host.AttachAsync())
        {
            given = await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name, TtlSeconds: 600));
            await deaf.NextCommandAsync();
        }

        await host.PassesAsync(TimeSpan.FromSeconds(1), "the device is given up", () => !host.IsConnected());
        await host.EndsAsync(given.Id, CommandStates.Queued);
        await using (var back = await host.AttachAsync())
        {
            Assert.Equal(given.Id, (await back.NextCommandAsync()).Id);
        }

        await host.PassesAsync(TimeSpan.FromSeconds(1), "the device is given up", () => !host.IsConnected());
        clock.Advance(TimeSpan.FromMinutes(11));
        await host.Server.Service<DeviceCommands>().RunOnceAsync(default);
        var expired = await host.FindCommandAsync(given.Id);
        Assert.Equal((CommandStates.Expired, "command_expired"), (expired.State, expired.Code));
    }

    [Fact]
    public async Task Command_for_a_device_that_had_too_much_to_do_is_given_when_it_has_time()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        var ahead = new List<DeviceCommand>();
        for (var number = 0; number < CommandRelay.MostPerDevice; number++)
        {
            await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name));
            ahead.Add(await device.NextCommandAsync());
        }

        var late = await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name, WaitSeconds: 30));
        Assert.Equal(CommandStates.Queued, late.State);
        foreach (var command in ahead)
        {
            await device.DoneAsync(command);
            await host.EndsAsync(command.Id, CommandStates.Done);
        }

        await host.Server.Service<DeviceCommands>().RunOnceAsync(default);
        Assert.Equal(late.Id, (await device.NextCommandAsync()).Id);
    }

    [Fact]
    public async Task Retry_with_the_same_key_gives_one_command_only()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        device.Answers = command => TestDevice.Done(command, new StartedJob("j"));
        var answers = new List<string>();
        for (var tries = 0; tries < 3; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v2/devices/{LiveHost.Laptop}/commands")
            {
                Content = JsonContent.Create(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitSeconds: 10)),
                Headers = { { Headers.IdempotencyKey, "once" } },
            };
            using var answer = await host.Admin.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            answers.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(answers.Distinct());
        Assert.Single(device.Received);
    }

    [Fact]
    public async Task Command_is_taken_back_while_no_device_has_got_it()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await host.SignInAsync();
        var waiting = await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name, WaitForDevice: true));
        using var withdrawn = await host.Admin.DeleteAsync($"/api/v2/commands/{waiting.Id}");
        Assert.Equal(HttpStatusCode.NoContent, withdrawn.StatusCode);
        await using var device = await host.AttachAsync();
        var given = await host.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name));
        Assert.Equal(given.Id, (await device.NextCommandAsync()).Id);
        await host.EndsAsync(given.Id, CommandStates.Sent);

        using var late = await host.Admin.DeleteAsync($"/api/v2/commands/{given.Id}");
        Assert.Equal((HttpStatusCode.Conflict, "command_was_sent"), (late.StatusCode, await late.CodeOfAsync()));
        Assert.Equal(CommandStates.Withdrawn, (await host.FindCommandAsync(waiting.Id)).State);
    }

    [Fact]
    public async Task Wrong_commands_are_explained_and_nothing_is_sent()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        foreach (var (request, code) in new (GiveCommand, string)[]
        {
            (new("make-coffee"), "kind_unknown"), (new(null!), "kind_unknown"), (new(CommandCatalog.RunRule.Name), "arguments_invalid"),
            (new(CommandCatalog.RunRule.Name, JsonSerializer.SerializeToElement(new { Rule = 7 })), "arguments_invalid"),
            (new(CommandCatalog.RunRule.Name, JsonSerializer.SerializeToElement<object?>(null)), "arguments_invalid"),
            (new(CommandCatalog.RunRule.Name, JsonSerializer.SerializeToElement(new { Rule = (string?)null })), "arguments_invalid"),
            (new(CommandCatalog.RefetchProfile.Name, TtlSeconds: 1), "ttl_invalid"),
            (new(CommandCatalog.RefetchProfile.Name, WaitSeconds: 61), "wait_invalid"),
        })
        {
            using var answer = await host.TryGiveAsync(request);
            Assert.Equal((request.Kind, HttpStatusCode.BadRequest, code), (request.Kind, answer.StatusCode, await answer.CodeOfAsync()));
        }

        using var nobody = await host.TryGiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name), "nobody");
        Assert.Equal("device_not_found", await nobody.CodeOfAsync());
        using var unknown = await host.Admin.GetAsync(new Uri($"/api/v2/commands/{Guid.NewGuid()}", UriKind.Relative));
        Assert.Equal("command_not_found", await unknown.CodeOfAsync());
        Assert.Empty(device.Received);
    }

    [Fact]
    public async Task Arguments_and_answers_are_not_readable_in_the_database()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        device.Answers = command => TestDevice.Done(command, new StartedJob("the answer of the device"));
        await host.GiveAsync(new GiveCommand(CommandCatalog.UpdateLoginPassword.Name,
            JsonSerializer.SerializeToElement(new { Password = "correct horse battery" }), WaitSeconds: 10));

        await using var scope = host.Server.CreateScope();
        var stored = await new AuthRole.RoleServer(host.Server).QueryAsync(database => database.Set<StoredCommand>());
        var text = string.Concat(stored.SelectMany(command => new[] { command.Arguments, command.Answer ?? [] })
            .Select(bytes => System.Text.Encoding.Latin1.GetString(bytes)));
        Assert.True(text.Length > 0);
        Assert.DoesNotContain("correct horse", text, StringComparison.Ordinal);
        Assert.DoesNotContain("the answer", text, StringComparison.Ordinal);
    }
}
