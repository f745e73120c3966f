using Halley.Client.Accounts;
using Halley.Client.Agent.Commands;
using Halley.Client.Agent.Connection;
using Halley.Client.Agent.Jobs;
using Halley.Client.Agent.Running;
using Halley.Client.Agent.Schedules;
using Halley.Client.Importing;
using Halley.Protocol.Live;

namespace Halley.Client.Agent;

/// <summary>
/// The agent of this machine: stays connected to the server of the account, carries out its commands, and reports jobs. It works on without
/// a connection, and reports later.
/// </summary>
public sealed class BackupAgent
{
    private const string ProfileSubject = "profile";

    private static readonly TimeSpan TimeForJobs = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TimeForReports = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ProfileInterval = TimeSpan.FromMinutes(30);

    private readonly AgentOptions _options;
    private readonly ProfileCopy _profile;
    private readonly WarnOnce _warnings;

    /// <summary>Makes it. Nothing happens before <see cref="RunAsync"/>.</summary>
    public BackupAgent(AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _warnings = new WarnOnce(options.Warn);
        _profile = new ProfileCopy(options.State, options.Account, options.ClientVersion);
    }

    /// <summary>
    /// Works until it is cancelled, this machine is signed in to another server, or an update has replaced the program; then cancels the
    /// jobs, reports their end if the server can be reached, and returns.
    /// </summary>
    /// <param name="ready">Called once when the agent is ready.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="AccountException">This machine is not signed in, or another agent runs.</exception>
    public async Task RunAsync(Action ready, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ready);
        _options.State.RequireAccount();
        using var held = AgentLock.Take(_options.State);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var history = JobHistory.Open(_options.State, _options.ClientVersion, _options.Time);
        var desk = new CommandDesk(_options.State, () => _options.ShowsFileNames, _options.Time, _options.Warn, stopping.Token);
        var restart = new AgentRestart(history, desk, _options);
        desk.Add(CommandCatalog.RefetchProfile.Name, RefetchAsync);
        new ImportCommands(_options, history, _profile.ReadAsync, ImportSources.OfThisMachine).AddTo(desk);
        new InstallationCommands(_options, restart).AddTo(desk);
        desk.Add(CommandCatalog.UpdateLoginPassword.Name, UpdatePasswordAsync);
        var work = new JobRunnerOptions
        {
            State = _options.State,
            History = history,
            ReadProfile = _profile.ReadAsync,
            FindProfile = _profile.Find,
            Account = _options.Account,
            Http = _options.Http,
            CacheDirectory = _options.CacheDirectory,
            ClientVersion = _options.ClientVersion,
            ShowsFileNames = () => _options.ShowsFileNames,
            Warn = _options.Warn,
            Time = _options.Time,
        };
        var runner = new JobRunner(work);
        var handlers = new CommandHandlers(runner, work);
        foreach (var kind in handlers.Kinds)
        {
            desk.Add(kind, handlers.RunAsync);
        }

        var schedules = new ScheduleLoop(new ScheduleOptions
        {
            State = _options.State,
            Profile = _profile.Find,
            Run = runner.RunRuleAsync,
            Warn = _options.Warn,
            Time = _options.Time,
        });
        _profile.Changed = schedules.ProfileChanged;
        var losses = new LossWatch(runner, work, _profile.Find);
        var connection = new AgentConnection(_options, history, desk);
        using var disconnect = new CancellationTokenSource();
        using var attached = new SemaphoreSlim(0);
        connection.Attached = () =>
        {
            attached.Release();
            schedules.Connected();
            losses.Connected();
        };
        Task[] parts =
        [
            RefreshAsync(attached, stopping.Token), schedules.RunAsync(stopping.Token),
            new RestoreDrills(runner, work, _profile.Find).RunAsync(stopping.Token), losses.RunAsync(stopping.Token),
        ];
        var connected = connection.RunAsync(disconnect.Token);
        ready();
        // A part that fails ends the agent, which its service starts again: half of an agent would look like a whole one.
        await Task.WhenAny([connected, .. parts, restart.WaitAsync(), Task.Delay(-1, cancellationToken)]);
        await stopping.CancelAsync(); // first, so that a schedule knows why its backup was cancelled, and runs it again
        CancelJobs(history);
        await AwaitJobsAsync(history, connection);
        await disconnect.CancelAsync();
        await Task.WhenAll([connected, .. parts]);
    }

    private async Task<CommandReport> RefetchAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        await _profile.ReadAsync(cancellationToken);
        return new CommandReport(command.Id, CommandStates.Done);
    }

    // The password was changed elsewhere: this device signs in with it, and keeps the keys that come of it.
    private async Task<CommandReport> UpdatePasswordAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var account = _options.State.RequireAccount();
        var login = new LoginOptions
        {
            ClientVersion = _options.ClientVersion,
            KeepsKeys = account.SealedKeys is not null,
            AskCode = static _ => throw new AccountException(
                AccountFault.Refused, "The account requires a code, so its user must sign in on the device with `halley login`."),
        };
        var password = CommandCatalog.UpdateLoginPassword.Read(command.Arguments).Password;
        await _options.Account.LoginAsync(account.Server, account.Username, password.AsMemory(), login, cancellationToken);
        return new CommandReport(command.Id, CommandStates.Done);
    }

    // The server announces changes to a connected device; what it could not announce is found here.
    private async Task RefreshAsync(SemaphoreSlim attached, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await attached.WaitAsync(ProfileInterval, cancellationToken);
                await _profile.ReadAsync(cancellationToken);
                _warnings.Clear(ProfileSubject);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is HttpRequestException or AccountException or IOException)
            {
                _warnings.Warn(ProfileSubject, $"The profile could not be fetched: {error.Message}");
            }
        }
    }

    private static void CancelJobs(JobHistory history)
    {
        foreach (var job in history.Running)
        {
            job.Cancel("The job was cancelled because the agent stops.");
        }
    }

    private async Task AwaitJobsAsync(JobHistory history, AgentConnection connection)
    {
        await _options.Time.UntilAsync(() => history.Running.Count == 0, TimeForJobs);
        foreach (var job in history.Running)
        {
            job.Log(JobSeverity.Error, "The job did not stop in time and was interrupted.");
            job.Complete(Protocol.Jobs.JobStatus.Cancelled);
        }

        await _options.Time.UntilAsync(() => history.Unsent.Count == 0 || !connection.IsAttached, TimeForReports);
    }
}
