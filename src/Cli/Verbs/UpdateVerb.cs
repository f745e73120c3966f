using System.CommandLine;
using System.Diagnostics;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Updates;

namespace Halley.Cli.Verbs;

/// <summary><c>halley update</c></summary>
internal static class UpdateVerb
{
    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Address of the server that offers the update. Default: that of the account.",
        HelpName = "URL",
    };

    private static readonly Option<bool> Check = new("--check") { Description = "Only say whether a newer version is offered" };

    public static Verb Create()
    {
        var verb = new Verb(
            "update", "Install a newer version of halley that the server offers, if it is signed with the key of this one.",
            "halley update", "halley update --check --server https://backup.example.com/")
        {
            Server, Check,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var server = context.Get(Server) is { } text
            ? AccountAccess.ParseServer(text, allowsPlainHttp: true) // the signature decides, not the way
            : AccountAccess.State.RequireAccount().Server;
        using var http = VaultAccess.NewHttp();
        var update = new ClientUpdate(http, server, AppContext.BaseDirectory);
        var offered = await update.FindAsync(Version.Parse(HalleyCommand.Version), cancellationToken);
        var installs = offered is not null && !context.Get(Check);
        if (offered is not null && installs)
        {
            context.Terminal.Say($"Installing {offered.File.Name} from {server}");
            await update.InstallAsync(offered, cancellationToken);
            await RestartAgentAsync(cancellationToken);
        }

        context.Terminal.Print(
            offered is null ? $"{server} offers nothing newer than halley {HalleyCommand.Version} for this machine."
            : installs ? $"halley {offered.Version} is installed."
            : $"{server} offers halley {offered.Version}. Install it with `halley update`.");
        context.Terminal.Json(
            new UpdateMessage(HalleyCommand.Version, offered?.Version.ToString(), installs), MessageJson.Default.UpdateMessage);
        return ExitCode.Success;
    }

    private static async Task RestartAgentAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists("/run/systemd/system")
            && Process.Start(new ProcessStartInfo("systemctl", ["try-restart", "halley-agent.service"])) is { } restart)
        {
            using (restart)
            {
                await restart.WaitForExitAsync(cancellationToken);
            }
        }
    }
}
