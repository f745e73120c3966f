using Halley.Protocol.Client;
using Halley.Protocol.Keys;

namespace Halley.Client.Accounts;

/// <summary>Changes the password of an account in a session of it.</summary>
internal sealed class PasswordChange(HalleyClient api)
{
    /// <summary>The profile was saved by another device meanwhile.</summary>
    internal const string Stale = "profile_changed";

    private const int MostTries = 20;

    /// <summary>Seals everything anew and stores it with the new L-key: all or nothing.</summary>
    /// <returns>True when a recovery code became worthless, because it opens the old R-key.</returns>
    public async Task<bool> RunAsync(AccountKeys current, AccountKeys changed, CancellationToken cancellationToken)
    {
        if (current.LKey == changed.LKey)
        {
            throw new AccountException(AccountFault.UnusablePassword, "The new password is the present one. Choose another.");
        }

        for (var tries = 1; ; tries++)
        {
            if (!(await api.FindProfileAsync(cancellationToken)).TryGet(out var state, out var refusal))
            {
                throw DeviceAccount.Of(refusal);
            }

            var (moved, losesCode) = Move(state, current, changed);
            refusal = await SaveAsync(current, changed, moved, cancellationToken);
            switch (refusal?.Code)
            {
                case null:
                    return losesCode;
                case Stale when tries < MostTries:
                    break;
                case "password_wrong":
                    throw new AccountException(
                        AccountFault.WrongCredential, "The present password is wrong, or there were too many wrong attempts.");
                default:
                    throw DeviceAccount.Of(refusal);
            }
        }
    }

    private static (ProfileState Moved, bool LosesCode) Move(ProfileState state, AccountKeys current, AccountKeys changed)
    {
        if (!ProfileSecretsRewrap.TryMove(state.Profile, current.RKey, changed.RKey, out var profile))
        {
            throw new AccountException(
                AccountFault.WrongCredential,
                "The present password does not open every secret of the profile, and the others would be lost. Nothing was changed.");
        }

        var losesCode = profile.PasswordRecovery.StartsWith("1.", StringComparison.Ordinal);
        profile.PasswordRecovery = losesCode ? "" : profile.PasswordRecovery;
        return (state with { Profile = profile }, losesCode);
    }

    private async Task<ApiRefusal?> SaveAsync(
        AccountKeys current, AccountKeys changed, ProfileState moved, CancellationToken cancellationToken)
    {
        try
        {
            return await api.ChangePasswordAsync(current.LKey, changed.LKey, moved, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException(
                $"{error.Message.TrimEnd('.')}, so it is not known whether the password was changed: `halley login` shows which one works.",
                error);
        }
    }
}
