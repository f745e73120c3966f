using Halley.Client.Agent.Commands;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Commands;

public sealed class CommandDeskTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly AgentState _machine = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _warnings = [];
    private int _runs;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task Command_is_accepted_carried_out_and_answered()
    {
        var gate = new TaskCompletionSource();
        var desk = NewDesk(CommandCatalog.RunRule.Name, async command =>
        {
            await gate.Task;
            return new CommandReport(command.Id, CommandStates.Done, """{"job":"1"}""");
        });
        var hub = Connect(desk);

        desk.Take(Command("run-rule", """{"Rule":"r"}"""));

        await ReportedAsync(hub, CommandStates.Accepted);
        gate.SetResult();
        Assert.Equal("""{"job":"1"}""", (await ReportedAsync(hub, CommandStates.Done)).Answer);
    }

    [Fact]
    public async Task Same_id_is_carried_out_once_also_after_a_restart_and_the_end_is_reported_again()
    {
        var command = Command("run-rule", """{"Rule":"r"}""");
        var first = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var hub = Connect(first);
        first.Take(command);
        first.Take(command);
        await ReportedAsync(hub, CommandStates.Done);
        first.Take(command);
        await Eventually.HoldsAsync("the end is reported again", Soon, () => hub.Reports.Count(IsDone) == 2);

        var second = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var other = Connect(second);
        second.Take(command);

        Assert.Equal("answer", (await ReportedAsync(other, CommandStates.Done)).Answer);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Command_that_comes_again_while_its_end_is_being_reported_is_reported_again()
    {
        var command = Command("run-rule", """{"Rule":"r"}""");
        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var hub = new RecordingHub();
        var answered = 0;
        hub.Answer = call =>
        {
            if (call.EndsWith(CommandStates.Done, StringComparison.Ordinal) && answered++ == 0)
            {
                desk.Take(command);
            }

            return new LiveAck();
        };
        _ = desk.RunAsync(hub, _stop.Token);

        desk.Take(command);

        await Eventually.HoldsAsync("the end is reported again", Soon, () => hub.Reports.Count(IsDone) == 2);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Command_that_was_being_carried_out_when_the_program_was_killed_has_failed_and_is_not_begun_again()
    {
        var command = Command("run-rule", """{"Rule":"r"}""");
        NewDesk(CommandCatalog.RunRule.Name, _ => new TaskCompletionSource<CommandReport>().Task).Take(command);

        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var hub = Connect(desk);
        desk.Take(command);

        Assert.Equal("interrupted", (await ReportedAsync(hub, CommandStates.Failed)).Code);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task Report_that_got_lost_with_its_connection_is_sent_on_the_next_one()
    {
        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var broken = new RecordingHub { BreaksAfter = 1 };
        var connection = desk.RunAsync(broken, _stop.Token);
        desk.Take(Command("run-rule", """{"Rule":"r"}"""));
        await Assert.ThrowsAsync<IOException>(() => connection);

        await ReportedAsync(Connect(desk), CommandStates.Done);
    }

    [Theory]
    [InlineData("browse-files", "{}", 60, "filenames_not_allowed")]
    [InlineData("run-rule", "{}", 60, "invalid_arguments")]
    [InlineData("run-rule", """{"Rule":"r"}""", -1, "expired")]
    [InlineData("update-software", "{}", 60, "not_supported")]
    [InlineData("of-a-newer-version", "{}", 60, "not_supported")]
    public async Task Command_that_cannot_be_carried_out_is_refused_with_a_stable_code(
        string kind, string arguments, int seconds, string code)
    {
        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync, showsFileNames: false);
        desk.Add(CommandCatalog.BrowseFiles.Name, (command, _) => DoneAsync(command));
        var hub = Connect(desk);

        desk.Take(Command(kind, arguments, seconds));

        var report = await ReportedAsync(hub, CommandStates.Failed);
        Assert.Equal(code, report.Code);
        Assert.NotEmpty(report.Message);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task Time_of_a_command_counts_by_the_clock_of_the_server()
    {
        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        desk.ServerAhead = TimeSpan.FromHours(-3);
        var hub = Connect(desk);

        desk.Take(Command("run-rule", """{"Rule":"r"}""", seconds: -7200));

        await ReportedAsync(hub, CommandStates.Done);
    }

    [Fact]
    public async Task Handler_that_fails_by_a_mistake_is_reported_and_the_desk_goes_on()
    {
        var desk = NewDesk(CommandCatalog.RunRule.Name, _ => throw new InvalidOperationException("oops"));
        desk.Add(CommandCatalog.RefetchProfile.Name, (command, _) => DoneAsync(command));
        var hub = Connect(desk);

        desk.Take(Command("run-rule", """{"Rule":"r"}"""));
        desk.Take(Command("refetch-profile", "{}"));

        Assert.Equal("internal_error", (await ReportedAsync(hub, CommandStates.Failed)).Code);
        await ReportedAsync(hub, CommandStates.Done);
        Assert.Contains("oops", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_commands_are_forgotten()
    {
        var desk = NewDesk(CommandCatalog.RunRule.Name, DoneAsync);
        var hub = Connect(desk);
        desk.Take(Command("run-rule", """{"Rule":"r"}"""));
        await ReportedAsync(hub, CommandStates.Done);
        _machine.Time.Advance(TimeSpan.FromDays(4));

        desk.Take(Command("run-rule", """{"Rule":"r"}"""));

        await Eventually.HoldsAsync("the second is done", Soon, () => hub.Reports.Count(IsDone) == 2);
        Assert.Single(Directory.GetFiles(Path.Combine(_machine.State.Location, "commands")));
    }

    private static bool IsDone(CommandReport report) => report.State == CommandStates.Done;

    private Task<CommandReport> DoneAsync(DeviceCommand command)
    {
        Interlocked.Increment(ref _runs);
        return Task.FromResult(new CommandReport(command.Id, CommandStates.Done, "answer"));
    }

    private CommandDesk NewDesk(string kind, Func<DeviceCommand, Task<CommandReport>> run, bool showsFileNames = true)
    {
        var desk = new CommandDesk(_machine.State, () => showsFileNames, _machine.Time, _warnings.Add, _stop.Token);
        desk.Add(kind, (command, _) => run(command));
        return desk;
    }

    private RecordingHub Connect(CommandDesk desk)
    {
        var hub = new RecordingHub();
        _ = desk.RunAsync(hub, _stop.Token);
        return hub;
    }

    private DeviceCommand Command(string kind, string arguments, int seconds = 60) =>
        new(Guid.NewGuid(), kind, arguments, _machine.Time.GetUtcNow().UtcDateTime.AddSeconds(seconds));

    private static async Task<CommandReport> ReportedAsync(RecordingHub hub, string state)
    {
        await Eventually.HoldsAsync($"a report of {state}", Soon, () => hub.Reports.Any(report => report.State == state));
        return hub.Reports.First(report => report.State == state);
    }
}
