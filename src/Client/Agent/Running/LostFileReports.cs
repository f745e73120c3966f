using Halley.Client.Accounts;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Asks the server of a vault which files it has lost, and tells it which of them nobody needs any more. Remembers when this machine has
/// last tried to heal a vault.
/// </summary>
internal sealed class LostFileReports(JobRunnerOptions options, VaultOpening vaults)
{
    private static readonly TimeSpan Again = TimeSpan.FromDays(7);

    private readonly VaultTimes _handled = new(options.State, "healed-until");
    private readonly VaultTimes _due = new(options.State, "healing-due");

    /// <summary>What the server of a vault has lost; null when it cannot be asked, such as a directory.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<LostFiles?> AskAsync(ProfileVault place, CancellationToken cancellationToken)
    {
        if (place.Config.DestinationType != DestinationTypes.Server)
        {
            return null;
        }

        using var keys = vaults.OpenKeys();
        var answer = await ClientOf(place)
            .ListLostFilesAsync(place.Config.CometBucket, place.OpenBucketKey(keys.RKey), cancellationToken);
        return answer.TryGet(out var lost, out _) ? lost : null; // of the vendor, or older: it does not know the question
    }

    /// <summary>Tells the server which lost files nobody needs any more.</summary>
    /// <returns>Why the server did not take it; null when it did.</returns>
    public async Task<string?> ReportAsync(ProfileVault place, IReadOnlyList<string> healed, CancellationToken cancellationToken)
    {
        using var keys = vaults.OpenKeys();
        var refusal = await ClientOf(place).ReportHealedFilesAsync(
            place.Config.CometBucket, place.OpenBucketKey(keys.RKey), new HealedFiles(healed), cancellationToken);
        return refusal?.Detail;
    }

    /// <summary>Whether these losses are news, or a week has passed since the last attempt.</summary>
    public bool IsDue(string vaultId, LostFiles lost) =>
        lost.FoundAt is { } found
        && (_handled.Find(vaultId) is not { } handled || handled.AddSeconds(1) <= found
            || _due.Find(vaultId) is not { } due || due <= options.Time.GetUtcNow());

    /// <summary>Remembers that this machine has healed what it could.</summary>
    public void Handled(string vaultId, LostFiles lost)
    {
        if (lost.FoundAt is { } found)
        {
            _handled.Save(vaultId, found);
            _due.Save(vaultId, options.Time.GetUtcNow() + Again);
        }
    }

    private HalleyClient ClientOf(ProfileVault place) => new(options.Http, new Uri(place.Config.CometServer), options.Time);
}
