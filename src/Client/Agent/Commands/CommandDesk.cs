using System.Threading.Channels;
using Halley.Client.Accounts;
using Halley.Protocol.Live;

namespace Halley.Client.Agent.Commands;

/// <summary>
/// Takes commands, has each carried out once, and reports about them until the server has heard it. A command is remembered on disk before
/// it is begun. Thread-safe.
/// </summary>
internal sealed class CommandDesk
{
    private readonly Lock _lock = new();
    private readonly CommandMemory _memory;
    private readonly Func<bool> _showsFileNames;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly CancellationToken _stopping;
    private readonly Dictionary<string, Func<DeviceCommand, CancellationToken, Task<CommandReport>>> _handlers =
        new(StringComparer.Ordinal);

    private readonly Channel<bool> _news =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="state">Where this machine remembers its account.</param>
    /// <param name="showsFileNames">False while the user hides the names of files.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warn">Receives mistakes of the agent.</param>
    /// <param name="cancellationToken">Cancels commands that are being carried out.</param>
    public CommandDesk(
        StateDirectory state, Func<bool> showsFileNames, TimeProvider time, Action<string> warn, CancellationToken cancellationToken)
    {
        (_memory, _showsFileNames, _time, _warn, _stopping) = (new CommandMemory(state), showsFileNames, time, warn, cancellationToken);
        _memory.Load();
    }

    /// <summary>How far the clock of the server is ahead of that of this machine.</summary>
    public TimeSpan ServerAhead { get; set; }

    /// <summary>True when every command was carried out, and the server has the report about it.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _memory.All.All(known => known.IsReported && known.Report.State != CommandStates.Accepted);
            }
        }
    }

    /// <summary>Lets a kind of command be carried out. The handler returns the last report.</summary>
    public void Add(string kind, Func<DeviceCommand, CancellationToken, Task<CommandReport>> handler) => _handlers.Add(kind, handler);

    /// <summary>Takes a command; it is carried out afterwards.</summary>
    public void Take(DeviceCommand command)
    {
        var now = _time.GetUtcNow().UtcDateTime + ServerAhead;
        lock (_lock)
        {
            if (_memory.Find(command.Id) is { } known)
            {
                known.ReportAgain();
            }
            else
            {
                _memory.Prune(now);
                Begin(command, ReasonToRefuse(command, now));
            }
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>Sends reports until it is cancelled, or throws because the connection has ended.</summary>
    public async Task RunAsync(ILiveHub hub, CancellationToken cancellationToken)
    {
        do
        {
            _news.Reader.TryRead(out _);
            await ReportAsync(hub, cancellationToken);
        }
        while (await _news.Reader.WaitToReadAsync(cancellationToken));
    }

    private async Task ReportAsync(ILiveHub hub, CancellationToken cancellationToken)
    {
        List<(KnownCommand Known, CommandReport Report)> unreported;
        lock (_lock)
        {
            unreported = [.. _memory.All.Where(known => !known.IsReported).Select(known => (known, known.Report))];
        }

        foreach (var (known, report) in unreported)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await hub.Report(report) is { Code.Length: > 0 } refusal)
            {
                _warn($"The server refuses the report about command {report.CommandId}: {refusal.Message}");
            }

            lock (_lock)
            {
                // Another report, or an order to send this one again, may have come while it was being sent.
                if (ReferenceEquals(known.Report, report))
                {
                    known.IsReported = true;
                    known.Report = CommandMemory.Forget(report);
                }
            }
        }
    }

    private CommandReport? ReasonToRefuse(DeviceCommand command, DateTime now)
    {
        if (CommandCatalog.Find(command.Kind) is not { } kind || !_handlers.ContainsKey(command.Kind))
        {
            return Failed(
                command, CommandCodes.NotSupported, $"This version of the client does not carry out '{command.Kind}'. Update the client.");
        }

        return command.ExpiresAt < now
            ? Failed(command, CommandCodes.Expired, "The command arrived after the time until which it had to be started.")
            : kind.ShowsFileNames && !_showsFileNames() ? Failed(
                command, CommandCodes.FilenamesNotAllowed, "The user of this device does not allow the names of files to be seen.")
            : kind.ProblemWith(command.Arguments) is { } problem ? Failed(command, CommandCodes.InvalidArguments, problem)
            : null;
    }

    private void Begin(DeviceCommand command, CommandReport? refusal)
    {
        try
        {
            var known = _memory.Add(refusal ?? new CommandReport(command.Id, CommandStates.Accepted), command.ExpiresAt);
            if (refusal is null)
            {
                _ = Task.Run(() => CarryOutAsync(command, known));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _warn($"A command could not be noted and was not carried out: {error.Message}");
            _memory.Refuse(Failed(command, CommandCodes.StateUnwritable, $"The device cannot note the command: {error.Message}"));
        }
    }

    private async Task CarryOutAsync(DeviceCommand command, KnownCommand known)
    {
        CommandReport report;
        try
        {
            report = await _handlers[command.Kind](command, _stopping);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            report = Failed(command, CommandCodes.Interrupted, "The agent stopped while it carried out the command.");
        }
        catch (Exception error) when (error is AccountException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            report = Failed(command, "failed", error.Message);
        }
#pragma warning disable CA1031 // the boundary of a command: the server gets a report, and the agent goes on
        catch (Exception error)
#pragma warning restore CA1031
        {
            _warn($"The command '{command.Kind}' failed by a mistake of halley: {error}");
            report = Failed(
                command, CommandCodes.InternalError, $"This is a mistake of halley ({error.GetType().Name}); its log says more.");
        }

        lock (_lock)
        {
            try
            {
                _memory.Update(known, report);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _warn($"The end of a command could not be noted: {error.Message}");
            }
        }

        _news.Writer.TryWrite(true);
    }

    private static CommandReport Failed(DeviceCommand command, string code, string message) =>
        new(command.Id, CommandStates.Failed, Code: code, Message: message);
}
