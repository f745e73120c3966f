using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Protocol.Jobs;

namespace Halley.Client.Agent.Running;

/// <summary>Waits for the locks of others.</summary>
internal sealed class VaultLocks(JobRunnerOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long a job waits.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromHours(2);

    /// <summary>Runs with a lock of the vault, and stops when it is lost.</summary>
    public async Task RunAsync(
        JobWork work, JobVault vault, bool isExclusive, Func<VaultLock, CancellationToken, Task> run, TimeSpan? patience = null)
    {
        await using var held = await WaitAsync(
            work, vault,
            async () =>
            {
                var outcome = await vault.Vault.LockAsync(isExclusive, work.Stopped);
                return (outcome.Lock, outcome.Conflicts);
            },
            patience ?? Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Stopped, held.Lost);
        try
        {
            await run(held, either.Token);
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested && !work.Stopped.IsCancellationRequested)
        {
            await held.EnsureHeldAsync(CancellationToken.None); // throws: it was lost
            throw;
        }
    }

    /// <summary>Asks again while locks of others are in the way.</summary>
    /// <param name="work">The job, whose log says for whom it waits.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="tryAsync">Returns null for the result when locks are in the way.</param>
    /// <param name="patience">How long.</param>
    /// <exception cref="JobStop">It took too long.</exception>
    public async Task<T> WaitAsync<T>(
        JobWork work, JobVault vault, Func<Task<(T? Result, IReadOnlyList<LockEntry> Conflicts)>> tryAsync, TimeSpan patience)
        where T : class
    {
        var (start, pause, said) = (options.Time.GetTimestamp(), FirstPause, "");
        while (true)
        {
            var (result, conflicts) = await tryAsync();
            if (result is not null)
            {
                return result;
            }

            var owners = string.Join(
                " and ",
                conflicts.Select(conflict => conflict.Lock?.Owner ?? $"a lock that cannot be read ({conflict.Id.ShortText})").Take(2));
            NoteConflict(work, vault, conflicts);
            if (options.Time.GetElapsedTime(start) >= patience)
            {
                throw new JobStop(
                    JobStatus.Error,
                    $"The vault is locked by {owners}. If that program has ended, unlock the vault; otherwise try again later.");
            }

            if (owners != said)
            {
                work.Info($"The vault is locked by {owners}; waiting.");
                said = owners;
            }

            await Task.Delay(pause, options.Time, work.Stopped);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // Only jobs of this machine are known by their id.
    private void NoteConflict(JobWork work, JobVault vault, IReadOnlyList<LockEntry> conflicts)
    {
        if (!conflicts.Any(conflict =>
            conflict.Lock?.ProcessId == Environment.ProcessId && conflict.Lock.HostName == vault.Vault.Options.HostName))
        {
            return;
        }

        var other = options.History.Running.Select(job => job.Read())
            .FirstOrDefault(job => job.GUID != $"{work.Record.Id:D}" && job.DestinationGUID == vault.Place.Id);
        if (other is not null)
        {
            work.Record.Change(job => job.ConflictingJobID = other.GUID);
        }
    }
}
