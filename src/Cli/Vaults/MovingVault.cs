using Halley.Cli.Accounts;
using Halley.Storage;

namespace Halley.Cli.Vaults;

/// <summary>Follows a vault of the account that moves while a command wants to use it.</summary>
internal static class MovingVault
{
    /// <summary>Runs a command, and once more when its vault has moved.</summary>
    public static async Task<int> RunAsync(VerbContext context, Func<Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run();
        }
        catch (BlobStoreException error) when (error.MovedTo is { } address && NameOf(context) is { } name)
        {
            context.Terminal.Warn($"The vault '{name}' has moved to {address}. The profile gets the new address.");
            await AccountVaults.FollowAsync(context, name, address, cancellationToken);
            return await run();
        }
        catch (MovedException)
        {
            return await run();
        }
    }

    /// <summary>Where the profile says that the vault is; null for a vault that is not of the account.</summary>
    public static async Task<string?> PlaceAsync(VerbContext context, CancellationToken cancellationToken) =>
        NameOf(context) is { } name
            ? await AccountVaults.RunAsync(context, async work => (await work.FindAsync(name, cancellationToken)).Place)
            : null;

    /// <summary>
    /// Makes sure that a vault whose lock is waited for has not moved: who moves it holds the lock until the profile has the new place.
    /// </summary>
    public static async Task EnsureStillAtAsync(VerbContext context, string? place, CancellationToken cancellationToken)
    {
        if (place is not null && await PlaceAsync(context, cancellationToken) != place)
        {
            throw new MovedException();
        }
    }

    private static string? NameOf(VerbContext context) =>
        VaultAccess.FindAddressText(context) is { } address ? AccountVaults.NameIn(address) : null;

    private sealed class MovedException : Exception;
}
