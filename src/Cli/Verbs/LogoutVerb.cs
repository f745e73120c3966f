using Halley.Cli.Accounts;
using Halley.Cli.Output;

namespace Halley.Cli.Verbs;

/// <summary><c>halley logout</c></summary>
internal static class LogoutVerb
{
    public static Verb Create()
    {
        var verb = new Verb(
            "logout", "Sign this machine out and forget the keys. The device stays registered, and backups stay.", "halley logout");
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var account = AccountAccess.State.RequireAccount();
        var isEnded = await AccountAccess.RunAsync(context, account.Server, device => device.LogoutAsync(cancellationToken));
        if (!isEnded)
        {
            context.Terminal.Warn(
                $"{account.Server.Authority} could not be told; the session there ends by itself within 48 hours.");
        }

        context.Terminal.Say($"Signed out of {account.Server}. No key of the account is left on this machine.");
        context.Terminal.Json(
            new AccountMessage(false, account.Server.ToString(), account.Username, account.DeviceId, null, null),
            MessageJson.Default.AccountMessage);
        return ExitCode.Success;
    }
}
