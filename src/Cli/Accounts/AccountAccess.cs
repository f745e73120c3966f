using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Protocol.Client;

namespace Halley.Cli.Accounts;

/// <summary>The account that this machine is signed in to, and requests to its server.</summary>
internal static class AccountAccess
{
    /// <summary>
    /// Where this machine remembers its account. That of root is beside the data of a server, which may run on the same machine.
    /// </summary>
    public static StateDirectory State { get; } = new(
        Variables.NotEmpty("HALLEY_STATE_DIR")
        ?? (Variables.NotEmpty("XDG_STATE_HOME") is { } home ? Path.Combine(home, "halley")
            : Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() ? "/var/lib/halley-client"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "halley")));

    /// <summary>Runs with requests to a server.</summary>
    public static async Task<T> RunAsync<T>(VerbContext context, Uri server, Func<DeviceAccount, Task<T>> run)
    {
        using var http = VaultAccess.NewHttp();
        return await run(new DeviceAccount(State, new HalleyClient(http, server, context.Time)));
    }

    /// <summary>
    /// The address of a server. The key that signs in would travel readable over plain HTTP, so that has to be asked for.
    /// </summary>
    public static Uri ParseServer(string text, bool allowsPlainHttp)
    {
        if (!Uri.TryCreate(text.EndsWith('/') ? text : $"{text}/", UriKind.Absolute, out var server)
            || server.Scheme is not ("http" or "https") || server.Host.Length == 0
            || server.UserInfo.Length > 0 || server.Query.Length > 0 || server.Fragment.Length > 0)
        {
            throw new CommandException("The address of the server cannot be read. Write it like https://HOST/.");
        }

        return server.Scheme == "https" || server.IsLoopback || allowsPlainHttp ? server : throw new CommandException(
            "Over http:// everyone on the way can read the key that signs in. Use https://, or --plain-http in a network you trust.");
    }

    /// <summary>Prints the account, for people or programs.</summary>
    public static void Show(VerbContext context, SignedInAccount account)
    {
        context.Terminal.Print($"Signed in to {account.Server} as {Terminal.Printable(account.Username)}.");
        context.Terminal.Print($"Device: {account.DeviceId}");
        context.Terminal.Print(account.SealedKeys is null
            ? $"Keys: none are kept; the session ends at {account.SessionEndsAt:yyyy-MM-dd HH:mm} UTC at the latest."
            : $"Keys: kept in {State.Location}, sealed for this device.");
        context.Terminal.Json(
            new AccountMessage(
                true, account.Server.ToString(), account.Username, account.DeviceId, $"{account.SessionEndsAt:yyyy-MM-ddTHH:mm:ssZ}",
                account.SealedKeys is not null),
            MessageJson.Default.AccountMessage);
    }
}
