using Halley.Client.Accounts;

namespace Halley.Client.Importing;

/// <summary>Imports settings of another backup program into the account of this machine.</summary>
/// <param name="account">The account.</param>
/// <param name="clientVersion">Version of the client.</param>
/// <param name="time">The clock.</param>
public sealed class SettingsImport(DeviceAccount account, string clientVersion, TimeProvider time)
{
    /// <summary>Why nothing is imported when the policy of the account hides imports.</summary>
    public const string Forbidden =
        "The policy of this account does not allow settings of other programs to be imported. Ask your administrator to allow it.";

    /// <summary>What an import would add. Changes nothing.</summary>
    /// <param name="source">The settings.</param>
    /// <param name="vault">The vault for backups whose present place cannot be used; null for the only one on a server.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImportException">The settings cannot be read, or the policy forbids imports.</exception>
    public async Task<ImportPlan> PreviewAsync(ImportSource source, string? vault, CancellationToken cancellationToken)
    {
        var profile = (await account.ReadProfileAsync(clientVersion, cancellationToken)).Profile;
        return profile.Policy.HideAppImport
            ? throw new ImportException(Forbidden)
            : ImportReader.Read(source, new ImportTarget(profile, account.DeviceId, vault, time));
    }

    /// <summary>
    /// Imports: first adds the vaults, each with a key of the account, then the items and rules in one change of the profile. After an
    /// error it can be repeated, and adds what is missing.
    /// </summary>
    /// <param name="source">The settings.</param>
    /// <param name="vault">The vault for backups whose present place cannot be used; null for the only one on a server.</param>
    /// <param name="vaults">The vaults of the account.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What was added, with the report.</returns>
    /// <exception cref="ImportException">The settings cannot be read, or the policy forbids imports.</exception>
    public async Task<ImportPlan> ApplyAsync(
        ImportSource source, string? vault, DeviceVaults vaults, ReadOnlyMemory<byte> rKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vaults);
        var plan = await PreviewAsync(source, vault, cancellationToken);
        foreach (var (id, added) in plan.Vaults)
        {
            var repository = plan.Repositories.GetValueOrDefault(id);
            var place = new ProfileVault(id, added) is { Config.LocalcopyPath.Length: > 0 }
                ? new VaultPlace(added.LocalcopyPath, null, "", "")
                : new VaultPlace(null, new ProfileVault(id, added).Server, added.CometBucket, repository?.PlaceKey ?? "");
            await vaults.AddAsync(
                added.Description, place,
                () => repository is null ? throw NotEmpty(place) : Task.FromResult(repository.Password.AsMemory()), rKey,
                cancellationToken);
        }

        await account.EditProfileAsync(
            profile =>
            {
                // The vaults are there now, so the rules name them.
                var rest = ImportReader.Read(source, new ImportTarget(profile, account.DeviceId, vault, time));
                rest.ApplyTo(profile);
                return !rest.IsEmpty;
            },
            clientVersion, cancellationToken);
        return plan;
    }

    private static ImportException NotEmpty(VaultPlace place) => new(
        $"{place} has a vault of another account already. Add it with its password by `halley vault add`, then import again.");
}
