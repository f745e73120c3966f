using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.Administrators;

/// <summary>The reasons for which an operation on an administrator is refused.</summary>
internal static class AdministratorRefusals
{
    public static readonly Refusal NotFound = Refusal.NotFound("administrator_not_found", "There is no such administrator.");

    public static readonly Refusal NameTaken = Refusal.Conflict("name_taken", "There is an administrator of this name already.");

    public static readonly Refusal UnknownOrganization = Refusal.Invalid("organization_unknown", "There is no organization with this id.");

    public static readonly Refusal ChangedMeanwhile =
        Refusal.Conflict("changed_meanwhile", "The administrator was changed at the same moment; try again.");

    public static readonly Refusal WrongPassword = Refusal.Forbidden(
        "current_password_wrong", "The present password is wrong, or there were too many wrong attempts; check it, or wait five minutes.");

    public static readonly Refusal WrongCode =
        Refusal.Invalid("code_wrong", "This is not the code that the authenticator app shows now, or it was used already.");

    public static readonly Refusal Busy = Refusal.Busy(
        Problems.Busy, "The server is checking too many passwords; try again in a few seconds.", TimeSpan.FromSeconds(5));

    public static readonly Refusal FreshSignInRequired = Refusal.Forbidden(
        "fresh_sign_in_required",
        "A new token needs a proof of who you are, for which an open session or another token is not enough: sign in again, and make the "
        + $"token within {AdministratorSessions.FreshFor.TotalMinutes} minutes.");

    public static Refusal Invalid(string reason) => Refusal.Invalid("administrator_invalid", reason);

    /// <summary>The operation would lock out the caller or everyone.</summary>
    public static Refusal LocksOut(string reason) => Refusal.Conflict("would_lock_out", reason);
}
