using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>Why an operation on an account or its profile was not done.</summary>
internal static class AccountRefusals
{
    public static readonly Refusal NotFound = Refusal.NotFound("account_not_found", "There is no account with this name.");

    public static readonly Refusal NameTaken = Refusal.Conflict("account_exists", "An account with this name already exists.");

    public static readonly Refusal Stale =
        Refusal.Stale("profile_changed", "The profile has been changed in the meantime; read it again and repeat the change.");

    public static readonly Refusal WrongPassword =
        Refusal.Forbidden("password_wrong", "The present password is wrong, or there were too many wrong attempts.");

    public static readonly Refusal FreshSignInRequired = Refusal.Forbidden(
        "fresh_sign_in_required",
        "This changes how the account is protected, for which a session alone is not enough: sign in again with the credential, and "
        + $"repeat the change within {AccountIdentity.FreshFor.TotalMinutes} minutes.");

    public static readonly Refusal Busy = Refusal.Busy(
        Problems.Busy, "The server is computing too many passwords; try again in a few seconds.", TimeSpan.FromSeconds(5));

    /// <summary>The edit found nothing to change, so nothing was saved.</summary>
    public static readonly Refusal Unchanged = Refusal.Conflict("profile_unchanged", "The profile already has this state.");

    /// <summary>The request is invalid.</summary>
    public static Refusal Invalid(string reason) => Refusal.Invalid("account_invalid", reason);

    /// <summary>The profile document is invalid.</summary>
    public static Refusal InvalidProfile(string reason) => Refusal.Invalid("profile_refused", reason);

    /// <summary>The refusal for a failed check of a credential; null when the credential is right.</summary>
    public static Refusal? Of(AccountSignInResult proof) => proof switch
    {
        AccountSignInResult.SignedIn => null,
        AccountSignInResult.Busy => Busy,
        AccountSignInResult.PasswordsNotTaken =>
            Invalid("This server accepts no passwords of users; use a client, which derives the L-key."),
        _ => WrongPassword,
    };
}
