using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.KeyFiles;

/// <summary>A key file in a listing.</summary>
/// <param name="Id">Its name.</param>
/// <param name="IsCurrent">True for the one that opened the vault.</param>
/// <param name="UserName">The user that created it.</param>
/// <param name="HostName">The machine on which it was created.</param>
/// <param name="Created">The time of its creation.</param>
public sealed record KeyFileEntry(BlobId Id, bool IsCurrent, string UserName, string HostName, VaultTime Created);

/// <summary>The result of the removal of a key file.</summary>
public enum KeyRemoval
{
    /// <summary>It is removed, and its password no longer opens the vault. A master key that was copied before keeps working.</summary>
    Removed,

    /// <summary>The key file does not exist.</summary>
    NotFound,

    /// <summary>It opened the vault. Open the vault with another password first.</summary>
    InUse,
}

/// <summary>
/// The key files of a vault: each seals the same master key with another password, so a password is added, changed or removed without
/// touching any data.
/// </summary>
public sealed class VaultKeyFiles
{
    private const int MostTried = 20;

    private readonly VaultFiles _files;
    private readonly VaultKey _master;
    private readonly VaultOptions _options;

    internal VaultKeyFiles(VaultFiles files, VaultKey master, BlobId current, VaultOptions options)
    {
        (_files, _master, _options) = (files, master, options);
        Current = current;
    }

    /// <summary>The key file that opened the vault.</summary>
    public BlobId Current { get; private set; }

    /// <summary>All key files that can be read.</summary>
    /// <exception cref="VaultException">One is damaged.</exception>
    public async ValueTask<IReadOnlyList<KeyFileEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var entries = new List<KeyFileEntry>();
        foreach (var entry in await _files.ListAsync(BlobType.Keys, cancellationToken))
        {
            if (await TryReadAsync(_files.Store, BlobName.Of(BlobType.Keys, entry.Id), cancellationToken) is { } file)
            {
                var id = BlobId.Parse(entry.Id);
                entries.Add(new(id, id == Current, file.UserName, file.HostName, file.Created));
            }
        }

        return entries;
    }

    /// <summary>Adds a password.</summary>
    /// <param name="password">The password; not empty.</param>
    /// <param name="parameters">How much work it is to be; null measures this machine.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The name of the new key file.</returns>
    public async ValueTask<BlobId> AddAsync(
        ReadOnlyMemory<char> password, ScryptParameters? parameters, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(password.Length, nameof(password));
        var file = KeyFile.Create(
            _master, password.Span, parameters ?? ScryptParameters.Calibrate(_options.Time), VaultTime.Now(_options.Time),
            _options.UserName, _options.HostName);
        var json = file.ToJson();
        var id = BlobId.Of(json);
        await _files.PutAsync(
            BlobName.Of(BlobType.Keys, id.ToString()), new MemoryStream(json, writable: false), json.Length, cancellationToken);
        return id;
    }

    /// <summary>Removes a password.</summary>
    public async ValueTask<KeyRemoval> RemoveAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (id == Current)
        {
            return KeyRemoval.InUse;
        }

        var isRemoved = await _files.DeleteAsync(BlobName.Of(BlobType.Keys, id.ToString()), cancellationToken);
        return isRemoved ? KeyRemoval.Removed : KeyRemoval.NotFound;
    }

    /// <summary>
    /// Replaces the password that opened the vault by another one. The new key file is on the store before the old one is deleted. After a
    /// crash in between, both passwords open the vault.
    /// </summary>
    /// <returns>The name of the new key file.</returns>
    public async ValueTask<BlobId> ChangeAsync(
        ReadOnlyMemory<char> password, ScryptParameters? parameters, CancellationToken cancellationToken)
    {
        await TryChangeAsync(password, parameters, static _ => ValueTask.FromResult(true), cancellationToken);
        return Current;
    }

    /// <summary>
    /// Replaces the password that opened the vault by one that is also kept elsewhere, as an E-key is in a profile. The old key file is
    /// removed only once the other place has the new password. After a crash, or when it is unknown whether it has, both open the vault.
    /// </summary>
    /// <param name="password">The new password.</param>
    /// <param name="parameters">The amount of work; null measures this machine.</param>
    /// <param name="keepAsync">
    /// Stores the password in the other place; returns false when that refuses. Throws when the result is unknown.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the other place refused it; the new key file is then removed again.</returns>
    public async ValueTask<bool> TryChangeAsync(
        ReadOnlyMemory<char> password, ScryptParameters? parameters, Func<CancellationToken, ValueTask<bool>> keepAsync,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keepAsync);
        var (old, added) = (Current, await AddAsync(password, parameters, cancellationToken));
        if (!await keepAsync(cancellationToken))
        {
            await RemoveAsync(added, cancellationToken);
            return false;
        }

        Current = added;
        await RemoveAsync(old, cancellationToken);
        return true;
    }

    /// <summary>As <see cref="OpenAsync"/>; null when none opens, or none exists.</summary>
    internal static async ValueTask<(BlobId File, VaultKey Master)?> TryOpenAsync(
        IBlobStore store, ReadOnlyMemory<char> password, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(store, password, hint: null, cancellationToken);
        }
        catch (VaultException)
        {
            return null;
        }
    }

    /// <summary>Tries a password on the key files of a store: the hinted one first, and no more than twenty.</summary>
    /// <exception cref="VaultException">None opens, or none exists.</exception>
    internal static async ValueTask<(BlobId File, VaultKey Master)> OpenAsync(
        IBlobStore store, ReadOnlyMemory<char> password, string? hint, CancellationToken cancellationToken)
    {
        VaultException? unusable = null;
        var tried = 0;
        foreach (var name in await ListAsync(store, hint, cancellationToken))
        {
            if (tried == MostTried)
            {
                break;
            }

            try
            {
                if (await TryReadAsync(store, name, cancellationToken) is not { } file)
                {
                    continue;
                }

                if (file.TryOpen(name, password.Span) is { } master)
                {
                    return (BlobId.Parse(name.Id), master);
                }

                tried++;
            }
            catch (VaultException error)
            {
                unusable = error; // another key file may open; if none does, this is why
            }
        }

        throw tried > 0
            ? new VaultException(VaultFault.WrongPassword, WrongPassword(unusable), unusable)
            : unusable ?? new VaultException(
                VaultFault.Missing,
                "The vault has no key file, so nothing can open it. Put the files of keys/ back from a copy of the vault.");
    }

    private static string WrongPassword(VaultException? unusable) => unusable is null
        ? "No key file of the vault opens with this password."
        : $"No key file of the vault opens with this password, and one could not be tried: {unusable.Message}";

    private static async ValueTask<List<BlobName>> ListAsync(IBlobStore store, string? hint, CancellationToken cancellationToken)
    {
        var names = new List<BlobName>();
        await foreach (var entry in store.ListAsync(BlobType.Keys, cancellationToken))
        {
            names.Add(BlobName.Of(BlobType.Keys, entry.Id));
        }

        bool IsHinted(BlobName name) => hint is { Length: > 0 } && name.Id.StartsWith(hint, StringComparison.Ordinal);
        return [.. names.OrderByDescending(IsHinted).ThenBy(name => name.Id, StringComparer.Ordinal)];
    }

    private static async ValueTask<KeyFile?> TryReadAsync(IBlobStore store, BlobName name, CancellationToken cancellationToken) =>
        await StoredFile.TryReadAsync(store, name, VaultFormat.LongestSmallFile, cancellationToken) is { } json
            ? KeyFile.Parse(name, json)
            : null;
}
