using System.Text.Json;
using Halley.Protocol.Live;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Live;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Instances;

/// <summary>Commands that are given at one instance to a device of another one.</summary>
public class CommandsElsewhereTests
{
    private static readonly JsonElement Rule = JsonSerializer.SerializeToElement(new { Rule = "nightly" });

    [Fact]
    public async Task Device_of_another_instance_does_what_it_is_told_and_answers()
    {
        await using var both = await TwoInstances.StartAsync();
        await using var device = await both.Second.AttachAsync();
        await TwoInstances.IsSeenAsync(both.First, device);
        // Far more than goes through Redis as a message.
        var many = Enumerable.Range(0, 20_000)
            .Select(number => new StoredObject { Name = $"a file with a long name, number {number}", Type = "file" }).ToList();
        device.Answers = command => command.Kind switch
        {
            "refetch-profile" => new CommandReport(command.Id, CommandStates.Failed, Code: "not_now", Message: "Not now."),
            "browse-files" => TestDevice.Done(command, many),
            _ => TestDevice.Done(command, DeviceAnswers.To(command.Kind)),
        };

        var started = await both.First.DispatchAsync(device, "run-backup", ("BackupRule", "rule"));
        Assert.Equal((200, "the-job"), (started.StatusOf(), started.GetProperty("JobID").GetString()));
        var browsed = await both.First.DispatchAsync(device, "request-filesystem-objects", ("Path", "/"));
        Assert.Equal(many[^1].Name, browsed.GetProperty("StoredObjects")[many.Count - 1].GetProperty("name").GetString());
        var given = await both.First.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitSeconds: 30));
        Assert.Equal((CommandStates.Done, "the-job"), (given.State, given.Answer!.Value.GetProperty("Job").GetString()));
        var refused = await both.First.GiveAsync(new GiveCommand(CommandCatalog.RefetchProfile.Name, WaitSeconds: 30));
        Assert.Equal((CommandStates.Failed, "not_now", "Not now."), (refused.State, refused.Code, refused.Message));
        Assert.Equal(500, (await both.First.DispatchAsync(device, "refetch-profile")).StatusOf());
        Assert.Equal(device.Received.Distinct(), device.Received);
    }

    [Fact]
    public async Task Command_that_is_kept_is_given_by_the_instance_to_which_the_device_comes()
    {
        await using var both = await TwoInstances.StartAsync();
        await both.First.SignInAsync();
        var kept = await both.First.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitForDevice: true));
        await using var device = await both.Second.AttachAsync();
        var command = await device.NextCommandAsync();
        Assert.Equal(kept.Id, command.Id);
        await device.ReportAsync(new CommandReport(command.Id, CommandStates.Running));
        await both.First.EndsAsync(kept.Id, CommandStates.Running);
        await device.DoneAsync(command, new StartedJob("j1"));
        await both.First.EndsAsync(kept.Id, CommandStates.Done);
    }

    [Fact]
    public async Task Command_on_its_way_is_answered_at_the_instance_to_which_the_device_has_changed()
    {
        await using var both = await TwoInstances.StartAsync();
        var (key, hello) = (await both.First.SignInAsync(), TestDevice.NewHello());
        await using var before = await both.Second.AttachWithAsync(key, hello);
        await TwoInstances.IsSeenAsync(both.First, before);
        var asked = both.First.DispatchAsync(before, "run-backup", ("BackupRule", "rule"));
        var kept = both.First.GiveAsync(new GiveCommand(CommandCatalog.RunRule.Name, Rule, WaitSeconds: 30));
        var ids = new[] { (await before.NextCommandAsync()).Id, (await before.NextCommandAsync()).Id };
        foreach (var id in ids)
        {
            await before.ReportAsync(new CommandReport(id, CommandStates.Accepted));
        }

        await using var after = await TestDevice.ConnectAsync(both.First.Server.Http.BaseAddress!, key, hello);
        after.Answers = command => TestDevice.Done(command, new StartedJob("from here"));
        await after.AttachAsync();
        Assert.Equal("from here", (await asked).GetProperty("JobID").GetString());
        await both.First.EndsAsync((await kept).Id, CommandStates.Done);
        Assert.Equal(ids.Order(), after.Received.Distinct().Order());
    }

    [Fact]
    public async Task Command_ends_when_the_instance_of_its_device_stops()
    {
        await using var both = await TwoInstances.StartAsync();
        await using var device = await both.Second.AttachAsync();
        await TwoInstances.IsSeenAsync(both.First, device);
        var asked = both.First.DispatchAsync(device, "run-backup", ("BackupRule", "rule"));
        await device.ReportAsync(new CommandReport((await device.NextCommandAsync()).Id, CommandStates.Running));
        await both.StopSecondAsync();
        Assert.Equal(503, (await asked).StatusOf());
    }
}
