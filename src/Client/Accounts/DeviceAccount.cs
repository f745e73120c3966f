using Halley.Client.Keys;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Keys;

namespace Halley.Client.Accounts;

/// <summary>How a device signs in.</summary>
public sealed class LoginOptions
{
    /// <summary>True keeps the keys of the account, sealed for this device, so that it works unattended.</summary>
    public bool KeepsKeys { get; init; } = true;

    /// <summary>True registers another device, for a machine whose disk is a copy.</summary>
    public bool IsNewDevice { get; init; }

    /// <summary>Name of the device for people; only counts at the first registration.</summary>
    public string? DeviceName { get; init; }

    /// <summary>Version of the client.</summary>
    public string ClientVersion { get; init; } = "";

    /// <summary>Asks for a code of the authenticator app; called only when the account requires one.</summary>
    public required Func<CancellationToken, Task<string>> AskCode { get; init; }
}

/// <summary>
/// The account of this machine: signs in, keeps the session, signs out. The password and the R-key never leave the machine; the server
/// sees the L-key alone. All methods throw an <see cref="HttpRequestException"/> when the server cannot be reached.
/// </summary>
/// <param name="state">Where this machine remembers its account.</param>
/// <param name="api">Requests to the account's server.</param>
public sealed class DeviceAccount(StateDirectory state, HalleyClient api)
{
    private const int Unauthorized = 401;

    /// <summary>Signs this machine in, and registers it as a device of the account.</summary>
    /// <param name="server">Address of the server, with a slash at its end.</param>
    /// <param name="username">Name of the account, exactly as it was registered.</param>
    /// <param name="password">The password, which the caller erases.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AccountException">The machine is not signed in; an earlier sign-in still counts.</exception>
    public async Task<SignedInAccount> LoginAsync(
        Uri server, string username, ReadOnlyMemory<char> password, LoginOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!(await api.PreLoginAsync(new PreLogin(username), cancellationToken)).TryGet(out var way, out var refusal))
        {
            throw Of(refusal);
        }

        using var keys = Derive(way.Kdf, username, password.Span);
        var known = state.FindDevice();
        var device = known is null || options.IsNewDevice ? DeviceState.Make() : known;
        if (known is null)
        {
            state.Save(device); // before the server knows it, so that a crash does not use up a second place of the account
        }

        var session = await SignInAsync(username, keys.LKey, device.Id, options, cancellationToken);
        if (session.MustChangePassword)
        {
            await api.SignUserOutAsync(cancellationToken);
            throw new AccountException(
                AccountFault.PasswordChangeRequired,
                "The password of this account must be changed first, which this program cannot do yet. Change it with another client, "
                + "or ask the administrator for one that need not be changed.");
        }

        if (device != known)
        {
            state.Save(device); // the old one opens keys until now
        }

        var account = new SignedInAccount(
            server, session.Username, device.Id, session.SessionKey, session.EndsAt,
            options.KeepsKeys ? DeviceKeys.Seal(device.KeyBytes, keys) : null);
        state.Save(account);
        return account;
    }

    /// <summary>
    /// Makes sure that the session is valid, and starts another one with the keys of this machine when it is not. Returns what the server
    /// says about the account.
    /// </summary>
    /// <exception cref="AccountException">The machine is not signed in, or cannot start another session.</exception>
    public async Task<(SignedInAccount Account, AccountInfo Info)> EnsureSessionAsync(
        string clientVersion, CancellationToken cancellationToken)
    {
        var account = state.RequireAccount();
        api.Bearer = account.SessionKey;
        var found = await api.FindUserAsync(cancellationToken);
        if (found.Refusal is { Status: Unauthorized })
        {
            account = await RenewAsync(account, clientVersion, cancellationToken);
            found = await api.FindUserAsync(cancellationToken);
        }

        return found.TryGet(out var info, out var refusal) ? (account, info) : throw Of(refusal);
    }

    /// <summary>The profile of the account; as <see cref="EnsureSessionAsync"/>.</summary>
    public async Task<ProfileState> ReadProfileAsync(string clientVersion, CancellationToken cancellationToken)
    {
        await EnsureSessionAsync(clientVersion, cancellationToken);
        return (await api.FindProfileAsync(cancellationToken)).TryGet(out var profile, out var refusal) ? profile : throw Of(refusal);
    }

    /// <summary>
    /// Gives a vault that was made for the account its key: a new E-key and the key of the bucket, both sealed with the R-key, are saved in
    /// the profile, so that the server can read neither from then on. A vault that has its key keeps it.
    /// </summary>
    /// <param name="profile">The profile as it was read.</param>
    /// <param name="vaultId">Id of the vault.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SetUpVaultAsync(
        ProfileState profile, string vaultId, ReadOnlyMemory<byte> rKey, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var vault = profile.Profile.Destinations[vaultId];
        if (vault.EncryptionKeyEncryptionMethod != 0)
        {
            return;
        }

        if (BucketPsk.TryOpen(rKey.Span, vault, out var psk))
        {
            BucketPsk.SealInto(rKey.Span, vault, psk);
        }

        using var key = EKey.CreateRandom();
        key.SealInto(rKey.Span, vault, time);
        if (await api.SaveProfileAsync(profile, cancellationToken) is { } refusal)
        {
            throw Of(refusal);
        }
    }

    /// <summary>Ends the session, and forgets it and the keys. The device stays registered.</summary>
    /// <returns>False when the server did not end the session; this machine has forgotten it all the same.</returns>
    public async Task<bool> LogoutAsync(CancellationToken cancellationToken)
    {
        var account = state.RequireAccount();
        api.Bearer = account.SessionKey;
        state.ForgetAccount();
        try
        {
            return await api.SignUserOutAsync(cancellationToken) is null or { Status: Unauthorized };
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The keys of a password.</summary>
    /// <exception cref="AccountException">The password cannot be used.</exception>
    public static AccountKeys Derive(int kdf, string username, ReadOnlySpan<char> password)
    {
        try
        {
            return AccountKeys.TryDerive(kdf, username, password, out var keys, out var problem) ? keys : throw new AccountException(
                AccountFault.UnusablePassword,
                problem switch
                {
                    AccountKeysProblem.UnknownKdf => "The server derives keys in a way that this program does not know. Update halley.",
                    AccountKeysProblem.EmptyUsername or AccountKeysProblem.UsernameIsNotText => "The account name is not valid text.",
                    AccountKeysProblem.EmptyPassword => "The password is empty.",
                    AccountKeysProblem.PasswordTooLong => $"The password has more than {AccountKeys.LongestPassword} characters.",
                    _ => "The password is not valid text.",
                });
        }
        catch (PlatformNotSupportedException)
        {
            throw new AccountException(
                AccountFault.UnusablePassword,
                "The password has characters outside ASCII, which this build cannot normalise. Use a password of ASCII characters.");
        }
    }

    private async Task<SignedInAccount> RenewAsync(
        SignedInAccount account, string clientVersion, CancellationToken cancellationToken)
    {
        if (!state.TryOpenKeys(account, out var keys))
        {
            throw new AccountException(
                AccountFault.SessionEnded,
                $"The session has ended. Sign in again with `halley login {account.Server} {account.Username}`.");
        }

        using (keys)
        {
            var options = new LoginOptions
            {
                ClientVersion = clientVersion,
                AskCode = _ => throw new AccountException(
                    AccountFault.SessionEnded,
                    "The session has ended, and the account requires a code. "
                    + $"Sign in again with `halley login {account.Server} {account.Username}`."),
            };
            var session = await SignInAsync(account.Username, keys.LKey, account.DeviceId, options, cancellationToken);
            var renewed = account with { SessionKey = session.SessionKey, SessionEndsAt = session.EndsAt };
            state.Save(renewed);
            return renewed;
        }
    }

    private async Task<SessionStarted> SignInAsync(
        string username, string lKey, string deviceId, LoginOptions options, CancellationToken cancellationToken)
    {
        var request = new StartSession(
            username, LKey: lKey, Device: ThisMachine.Describe(deviceId, options.DeviceName, options.ClientVersion));
        var result = await api.SignInAsync(request, cancellationToken);
        if (result.Refusal is { Code: "totp_required" })
        {
            var code = await options.AskCode(cancellationToken);
            result = await api.SignInAsync(request with { Totp = code }, cancellationToken);
        }

        return result.TryGet(out var session, out var refusal) ? session : throw Of(refusal);
    }

    private static AccountException Of(ApiRefusal refusal) => refusal.Code switch
    {
        "invalid_credentials" => new(
            AccountFault.WrongCredential,
            "The server refused the sign-in: name, password or code is wrong, or the account is locked or suspended. "
            + "Check them, or wait five minutes after many wrong attempts."),
        "too_many_devices" => new(
            AccountFault.TooManyDevices, $"{refusal.Detail} The administrator can also raise the limit."),
        "" => new(
            AccountFault.Refused, $"The server answered {refusal.Status}, which no Halley server does. Check the address."),
        _ => new(AccountFault.Refused, refusal.Detail.Length > 0 ? refusal.Detail : $"The server refused: {refusal.Code}."),
    };
}
