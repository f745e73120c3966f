using Halley.Client.Accounts;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Asks the servers of the vaults of this device whether they have lost files, after each connect and once an hour, and heals. So it also
/// learns of what was lost while it was offline, and from a server that is not that of the account.
/// </summary>
/// <param name="runner">Runs the jobs.</param>
/// <param name="options">The same that the runner has.</param>
/// <param name="profile">The last known profile; null while there is none.</param>
public sealed class LossWatch(JobRunner runner, JobRunnerOptions options, Func<UserProfileConfig?> profile)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // After a restart of the server all devices connect within seconds.
    private static readonly TimeSpan Spread = TimeSpan.FromMinutes(5);

    private readonly LostFileReports _reports = new(options, new VaultOpening(options));
    private readonly WarnOnce _warnings = new(options.Warn);
    private TaskCompletionSource _connected = NewSignal();

    /// <summary>Tells it that the device is connected.</summary>
    public void Connected() => Volatile.Read(ref _connected).TrySetResult();

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Volatile.Read(ref _connected).Task.WaitAsync(Interval, options.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Volatile.Write(ref _connected, NewSignal());
                await Task.Delay(Spread * options.Random.NextDouble(), options.Time, cancellationToken);
                await LookAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Asks about each vault, and heals one after the other.</summary>
    /// <returns>The jobs that were started.</returns>
    internal async Task<IReadOnlyList<Guid>> LookAsync(CancellationToken cancellationToken)
    {
        var jobs = new List<Guid>();
        foreach (var vault in profile() is { } known ? RestoreDrills.VaultsOf(known, options.State.FindAccount()?.DeviceId) : [])
        {
            try
            {
                if (await _reports.AskAsync(vault, cancellationToken) is { } lost && _reports.IsDue(vault.Id, lost))
                {
                    jobs.Add(await runner.StartHealingAsync(vault.Id, cancellationToken));
                    await runner.WaitAsync(jobs[^1]).WaitAsync(cancellationToken);
                }

                _warnings.Clear(vault.Id);
            }
            catch (Exception error) when (error is RunnerException or AccountException or HttpRequestException or IOException)
            {
                _warnings.Warn(
                    vault.Id, $"Whether the vault '{vault.Config.Description}' has lost files could not be found out: {error.Message}");
            }
        }

        return jobs;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
