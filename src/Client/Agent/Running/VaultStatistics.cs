using Halley.Client.Accounts;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Saves in the profile what a job has found out about a vault, for pages, monitors and quotas. The profile has few earlier versions, so
/// it is saved only when there is something new: another size by 5 percent or a week later, a verification, another end of retention.
/// </summary>
internal sealed class VaultStatistics(JobRunnerOptions options)
{
    private const double Difference = 0.05;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>The size of a vault.</summary>
    public Task SaveSizeAsync(JobWork work, ProfileVault place, SizeMeasurement size)
    {
        var known = place.Config.Statistics.ClientProvidedSize;
        var isKnown = Math.Abs(size.Size - known.Size) <= known.Size * Difference
            && size.MeasureCompleted - known.MeasureCompleted < Longest.TotalSeconds;
        return isKnown ? Task.CompletedTask : SaveAsync(work, place, vault => vault.Statistics.ClientProvidedSize = size);
    }

    /// <summary>The job has read all of a vault and found no damage.</summary>
    public Task SaveVerificationAsync(JobWork work, ProfileVault place) => SaveAsync(work, place, vault =>
    {
        vault.Statistics.LastSuccessfulDeepVerifyGUID = $"{work.Record.Id:D}";
        vault.Statistics.LastSuccessfulDeepVerifyStartTime = work.Record.Read().StartTime;
        vault.Statistics.LastSuccessfulDeepVerifyEndTime = options.Time.GetUtcNow().ToUnixTimeSeconds();
    });

    /// <summary>How the retention of a vault ended: with an error, or empty.</summary>
    public Task SaveRetentionAsync(JobWork work, ProfileVault place, string error) => place.Config.RetentionError == error
        ? Task.CompletedTask
        : SaveAsync(work, place, vault => vault.RetentionError = error);

    // A server that is offline does not make a job fail that was done.
    private async Task SaveAsync(JobWork work, ProfileVault place, Action<DestinationConfig> change)
    {
        try
        {
            await options.Account.EditProfileAsync(
                profile =>
                {
                    if (!profile.Destinations.TryGetValue(place.Id, out var vault))
                    {
                        return false;
                    }

                    change(vault);
                    return true;
                },
                options.ClientVersion, work.Stopped);
        }
        catch (Exception error) when (error is HttpRequestException or AccountException)
        {
            work.Debug($"The statistics of the vault were not saved in the profile: {error.Message}");
        }
    }
}
