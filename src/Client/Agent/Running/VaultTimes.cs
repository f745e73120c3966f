using System.Globalization;
using System.Text;
using Halley.Client.Accounts;
using Halley.Client.Repository;
using Halley.Storage.Disk;

namespace Halley.Client.Agent.Running;

/// <summary>A time for each vault, which survives a restart.</summary>
/// <param name="state">Where this machine remembers its account.</param>
/// <param name="folder">The folder in it.</param>
internal sealed class VaultTimes(StateDirectory state, string folder)
{
    /// <summary>The time of a vault; null when there is none.</summary>
    public DateTimeOffset? Find(string vaultId) =>
        File.Exists(FileOf(vaultId)) && long.TryParse(File.ReadAllText(FileOf(vaultId)), CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>Remembers the time of a vault; it is durable on return.</summary>
    public void Save(string vaultId, DateTimeOffset time) =>
        PrivateFile.Write(FileOf(vaultId), time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));

    // An id of a profile can have any characters.
    private string FileOf(string vaultId) =>
        Path.Combine(state.Location, folder, BlobId.Of(Encoding.UTF8.GetBytes(vaultId)).ToString());
}
