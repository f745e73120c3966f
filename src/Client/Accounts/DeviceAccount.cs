using Halley.Client.Keys;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Client.Accounts;

/// <summary>
/// The account of this machine: signs in, keeps the session, signs out. The password and the R-key never leave the machine; the server
/// sees the L-key alone. All methods throw an <see cref="HttpRequestException"/> when the server cannot be reached.
/// </summary>
/// <param name="state">Where this machine remembers its account.</param>
/// <param name="api">Requests to the account's server.</param>
public sealed class DeviceAccount(StateDirectory state, HalleyClient api)
{
    private const int Unauthorized = 401;
    private const int MostTries = 20;
    private const int ShortestPassword = 8;

    // The server refuses everybody for five minutes after many wrong attempts, and must not do that because of this machine.
    private static readonly TimeSpan RefusalCounts = TimeSpan.FromMinutes(5);

    /// <summary>Address of the account's server.</summary>
    /// <exception cref="AccountException">The machine is not signed in.</exception>
    public Uri Server => state.RequireAccount().Server;

    /// <summary>Id of this device.</summary>
    /// <exception cref="AccountException">The machine is not signed in.</exception>
    public string DeviceId => state.RequireAccount().DeviceId;

    /// <summary>What this machine remembers.</summary>
    internal StateDirectory State => state;

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
        using var typed = await DeriveAsync(username, password, cancellationToken);
        var known = state.FindDevice();
        var device = known is null || options.IsNewDevice ? DeviceState.Make() : known;
        if (known is null)
        {
            state.Save(device); // before the server knows it, so that a crash does not use up a second place of the account
        }

        var session = await SignInAsync(username, typed.LKey, device.Id, options, cancellationToken);
        using var changed = session.MustChangePassword ? await ChangeFirstAsync(typed, options, cancellationToken) : null;
        if (changed is not null)
        {
            session = await SignInAsync(username, changed.LKey, device.Id, options, cancellationToken);
        }

        var keys = changed ?? typed;

        if (device != known)
        {
            state.Save(device); // the old one opens keys until now
        }

        var account = new SignedInAccount(
            server, session.Username, device.Id, session.SessionKey, session.EndsAt,
            options.KeepsKeys ? DeviceKeys.Seal(device.KeyBytes, keys) : null,
            options.KeepsKeys && session.DeviceProof is { } proof ? DeviceKeys.SealProof(device.KeyBytes, proof) : null);
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

    /// <summary>
    /// The keys of the account for a password, in the way that the server says. A server cannot weaken them: this program knows the ways.
    /// </summary>
    /// <exception cref="AccountException">The password cannot be used.</exception>
    public async Task<AccountKeys> DeriveAsync(string username, ReadOnlyMemory<char> password, CancellationToken cancellationToken) =>
        (await api.PreLoginAsync(new PreLogin(username), cancellationToken)).TryGet(out var way, out var refusal)
            ? Derive(way.Kdf, username, password.Span)
            : throw Of(refusal);

    /// <summary>As <see cref="DeriveAsync"/>, for a password that is to be the new one of the account.</summary>
    /// <exception cref="AccountException">It is too short, or cannot be used.</exception>
    public Task<AccountKeys> DeriveNewAsync(string username, ReadOnlyMemory<char> password, CancellationToken cancellationToken) =>
        password.Length < ShortestPassword
            ? throw new AccountException(
                AccountFault.UnusablePassword, $"The new password must have at least {ShortestPassword} characters.")
            : DeriveAsync(username, password, cancellationToken);

    /// <summary>
    /// Changes the password of the account. All secrets of the profile are sealed anew, and stored together with the new L-key. Other
    /// machines are signed out; they follow as soon as they sign in with the new password.
    /// </summary>
    /// <param name="current">The keys of the present password.</param>
    /// <param name="changed">The keys of the new one.</param>
    /// <param name="clientVersion">Version of the client.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>True when a recovery code of the account became worthless.</returns>
    /// <exception cref="AccountException">Nothing was changed.</exception>
    public async Task<bool> ChangePasswordAsync(
        AccountKeys current, AccountKeys changed, string clientVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(changed);
        var (account, _) = await EnsureSessionAsync(clientVersion, cancellationToken);
        var losesCode = await new PasswordChange(api).RunAsync(current, changed, cancellationToken);
        if (account.SealedKeys is not null)
        {
            state.Save(account with { SealedKeys = DeviceKeys.Seal(state.RequireDevice().KeyBytes, changed), RefusedAt = null });
        }

        return losesCode;
    }

    /// <summary>
    /// Changes the profile; as <see cref="EnsureSessionAsync"/>. When another device saved it at the same moment, or the answer was lost,
    /// the profile is read and edited again.
    /// </summary>
    /// <param name="edit">Makes the changes; returns false when the profile already has them.</param>
    /// <param name="clientVersion">Version of the client.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<UserProfileConfig> EditProfileAsync(
        Func<UserProfileConfig, bool> edit, string clientVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(edit);
        var isLost = false;
        for (var tries = 1; ; tries++)
        {
            var profile = await ReadProfileAsync(clientVersion, cancellationToken);
            if (!edit(profile.Profile))
            {
                return profile.Profile;
            }

            try
            {
                var refusal = await api.SaveProfileAsync(profile, cancellationToken);
                if (refusal is null)
                {
                    return profile.Profile;
                }

                if (refusal.Code != PasswordChange.Stale || tries == MostTries)
                {
                    throw Of(refusal);
                }
            }
            catch (HttpRequestException) when (!isLost)
            {
                isLost = true;
            }
        }
    }

    /// <summary>
    /// Gives a vault that was made for the account its key: a new E-key and the key of the bucket, both sealed with the R-key, are saved in
    /// the profile, so that the server can read neither from then on. A vault that has its key keeps it.
    /// </summary>
    /// <param name="vaultId">Id of the vault.</param>
    /// <param name="rKey">The account's R-key.</param>
    /// <param name="clientVersion">Version of the client.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The profile with the key of this device, or of another one that was faster.</returns>
    public async Task<UserProfileConfig> SetUpVaultAsync(
        string vaultId, ReadOnlyMemory<byte> rKey, string clientVersion, CancellationToken cancellationToken)
    {
        using var key = EKey.CreateRandom();
        return await EditProfileAsync(
            profile =>
            {
                var vault = DeviceVaults.Require(profile, vaultId).Config;
                if (vault.EncryptionKeyEncryptionMethod != 0)
                {
                    return false;
                }

                if (BucketPsk.TryOpen(rKey.Span, vault, out var psk))
                {
                    BucketPsk.SealInto(rKey.Span, vault, psk);
                }

                key.SealInto(rKey.Span, vault, api.Time);
                return true;
            },
            clientVersion, cancellationToken);
    }

    /// <summary>The profile of the account; as <see cref="EnsureSessionAsync"/>.</summary>
    public async Task<ProfileState> ReadProfileAsync(string clientVersion, CancellationToken cancellationToken)
    {
        await EnsureSessionAsync(clientVersion, cancellationToken);
        return (await api.FindProfileAsync(cancellationToken)).TryGet(out var profile, out var refusal) ? profile : throw Of(refusal);
    }

    /// <summary>
    /// Makes the server of this object the one of this machine, after it has accepted the session or the keys of this machine. This object
    /// sends its requests to another address than the one that the machine has used until now.
    /// </summary>
    /// <param name="server">Address of the server, with a slash at its end.</param>
    /// <param name="clientVersion">Version of the client.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AccountException">The server does not accept this machine. Its server is the same as before.</exception>
    public async Task MoveHereAsync(Uri server, string clientVersion, CancellationToken cancellationToken)
    {
        var account = state.RequireAccount();
        api.Bearer = account.SessionKey;
        var found = await api.FindUserAsync(cancellationToken);
        if (found.Refusal is { Status: Unauthorized })
        {
            var session = await SignInWithKeysAsync(account, clientVersion, cancellationToken);
            account = account with { SessionKey = session.SessionKey, SessionEndsAt = session.EndsAt, RefusedAt = null };
        }
        else if (!found.TryGet(out var info, out var refusal))
        {
            throw Of(refusal);
        }
        else if (info.Username != account.Username)
        {
            throw new AccountException(AccountFault.Refused, $"{server} knows the session of this machine under another account.");
        }

        state.Save(account with { Server = server });
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
    public static AccountKeys Derive(int kdf, string username, ReadOnlySpan<char> password) =>
        AccountKeys.TryDerive(kdf, username, password, out var keys, out var problem) ? keys : throw new AccountException(
            AccountFault.UnusablePassword,
            problem switch
            {
                AccountKeysProblem.UnknownKdf => "The server derives keys in a way that this program does not know. Update halley.",
                AccountKeysProblem.EmptyUsername or AccountKeysProblem.UsernameIsNotText => "The account name is not valid text.",
                AccountKeysProblem.EmptyPassword => "The password is empty.",
                AccountKeysProblem.PasswordTooLong => $"The password has more than {AccountKeys.LongestPassword} characters.",
                _ => "The password is not valid text.",
            });

    private async Task<SignedInAccount> RenewAsync(
        SignedInAccount account, string clientVersion, CancellationToken cancellationToken)
    {
        if (account.RefusedAt is { } refused && api.Time.GetUtcNow().UtcDateTime - refused < RefusalCounts)
        {
            throw KeysRefused(account);
        }

        try
        {
            var session = await SignInWithKeysAsync(account, clientVersion, cancellationToken);
            var renewed = account with { SessionKey = session.SessionKey, SessionEndsAt = session.EndsAt, RefusedAt = null };
            state.Save(renewed);
            return renewed;
        }
        catch (AccountException error) when (error.Fault == AccountFault.WrongCredential)
        {
            state.Save(account with { RefusedAt = api.Time.GetUtcNow().UtcDateTime });
            throw KeysRefused(account);
        }
    }

    private async Task<SessionStarted> SignInWithKeysAsync(
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
            var session = await SignInAsync(
                account.Username, keys.LKey, account.DeviceId, options, cancellationToken, state.OpenProof(account));
            return !session.MustChangePassword ? session : throw new AccountException(
                AccountFault.PasswordChangeRequired,
                "The password of this account must be changed before it can be used. "
                + $"Sign in again: `halley login {account.Server} {account.Username}`.");
        }
    }

    private async Task<SessionStarted> SignInAsync(
        string username, string lKey, string deviceId, LoginOptions options, CancellationToken cancellationToken, string? proof = null)
    {
        var request = new StartSession(
            username, LKey: lKey, Device: ThisMachine.Describe(deviceId, options.DeviceName, options.ClientVersion), DeviceProof: proof);
        var result = await api.SignInAsync(request, cancellationToken);
        if (result.Refusal is { Code: "totp_required" })
        {
            var code = await options.AskCode(cancellationToken);
            result = await api.SignInAsync(request with { Totp = code }, cancellationToken);
        }

        return result.TryGet(out var session, out var refusal) ? session : throw Of(refusal);
    }

    // The password has to be changed before the account can be used. The session for that belongs to no device.
    private async Task<AccountKeys> ChangeFirstAsync(AccountKeys current, LoginOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (options.AskNewKeys is null)
            {
                throw new AccountException(
                    AccountFault.PasswordChangeRequired, "The password of this account must be changed before it can be used.");
            }

            var changed = await options.AskNewKeys(cancellationToken);
            await new PasswordChange(api).RunAsync(current, changed, cancellationToken);
            return changed;
        }
        finally
        {
            await api.SignUserOutAsync(CancellationToken.None);
        }
    }

    private static AccountException KeysRefused(SignedInAccount account) => new(
        AccountFault.WrongCredential,
        "The server no longer accepts the keys of this machine: the password of the account was changed on another one, or the account is "
        + $"locked or suspended. Sign in with the present password: `halley login {account.Server} {account.Username}`.");

    internal static AccountException Of(ApiRefusal refusal) => refusal.Code switch
    {
        "invalid_credentials" => new(
            AccountFault.WrongCredential,
            "The server refused the sign-in: name, password or code is wrong, or the account is locked or suspended. "
            + "Check them, or wait five minutes after many wrong attempts."),
        "account_suspended" => new(AccountFault.Suspended, refusal.Detail),
        "too_many_devices" => new(
            AccountFault.TooManyDevices, $"{refusal.Detail} The administrator can also raise the limit."),
        "" => new(
            AccountFault.Refused, $"The server answered {refusal.Status}, which no Halley server does. Check the address."),
        _ => new(AccountFault.Refused, refusal.Detail.Length > 0 ? refusal.Detail : $"The server refused: {refusal.Code}."),
    };
}
