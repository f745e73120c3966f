using Halley.Cli.Accounts;

namespace Halley.Cli.Verbs;

/// <summary><c>halley status</c></summary>
internal static class StatusVerb
{
    public static Verb Create()
    {
        var verb = new Verb(
            "status", "Show the account of this machine, and ask the server whether it is still signed in.", "halley status",
            "halley status --json");
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var server = AccountAccess.State.RequireAccount().Server;
        var (account, _) = await AccountAccess.RunAsync(
            context, server, device => device.EnsureSessionAsync(HalleyCommand.Version, cancellationToken));
        AccountAccess.Show(context, account);
        return ExitCode.Success;
    }
}
