using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Vaults;

namespace Halley.Cli.Verbs;

/// <summary><c>halley password</c></summary>
internal static class PasswordVerb
{
    /// <summary>Where the new password of an account comes from.</summary>
    public static readonly Option<string?> NewPasswordFile = new("--new-password-file")
    {
        Description = "File that holds the new password (default: prompt)",
        HelpName = "FILE",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "password",
            "Change the password of the account. All secrets of the profile are sealed anew, and other machines have to sign in again.",
            "halley password", "halley password --password-file present.txt --new-password-file new.txt")
        {
            NewPasswordFile,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var signedIn = AccountAccess.State.RequireAccount();
        using var present = await Password.ReadAccountAsync(context, cancellationToken);
        using var changed = await Password.ReadNewAsync(context.Get(NewPasswordFile), cancellationToken);
        var losesCode = await AccountAccess.RunAsync(
            context, signedIn.Server,
            async account =>
            {
                using var oldKeys = await account.DeriveAsync(signedIn.Username, present.Characters, cancellationToken);
                using var newKeys = await account.DeriveNewAsync(signedIn.Username, changed.Characters, cancellationToken);
                return await account.ChangePasswordAsync(oldKeys, newKeys, HalleyCommand.Version, cancellationToken);
            });
        context.Terminal.Say(
            $"The password of {Terminal.Printable(signedIn.Username)} is changed. Other machines of the account need `halley login` once.");
        if (losesCode)
        {
            context.Terminal.Warn("The recovery code of the account no longer works. Make another one.");
        }

        return ExitCode.Success;
    }
}
