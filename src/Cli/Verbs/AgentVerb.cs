using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Accounts;
using Halley.Client.Agent;
using Halley.Protocol.Client;

namespace Halley.Cli.Verbs;

/// <summary><c>halley agent</c></summary>
internal static class AgentVerb
{
    private static readonly Option<bool> HideFileNames = new("--hide-file-names")
    {
        Description = "Refuse commands of the server whose answer has names of files",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "agent", "Stay connected to the server and carry out its commands. Runs until it is stopped, usually as a service.",
            "halley agent", "halley agent --hide-file-names")
        {
            HideFileNames,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var account = AccountAccess.State.RequireAccount();
        using var http = VaultAccess.NewHttp();
        using var manager = ServiceManager.Connect();
        var agent = new BackupAgent(new AgentOptions
        {
            State = AccountAccess.State,
            Account = new DeviceAccount(AccountAccess.State, new HalleyClient(http, account.Server, context.Time)),
            Http = http,
            Proxy = VaultAccess.Proxy,
            CacheDirectory = VaultAccess.CacheDirectoryOf(context),
            ClientVersion = HalleyCommand.Version,
            ShowsFileNames = !context.Get(HideFileNames),
            Inform = context.Terminal.Say,
            Warn = context.Terminal.Warn,
            Time = context.Time,
        });
        await using var stopping = cancellationToken.Register(manager.Stopping);
        using var ended = new CancellationTokenSource();
        var watched = WatchAsync(manager, context.Time, ended.Token);
        try
        {
            await agent.RunAsync(
                () =>
                {
                    manager.Ready();
                    context.Terminal.Say($"halley {HalleyCommand.Version} works for {account.Username} on {account.Server}.");
                },
                cancellationToken);
            return ExitCode.Success;
        }
        finally
        {
            await ended.CancelAsync();
            await watched;
        }
    }

    private static async Task WatchAsync(ServiceManager manager, TimeProvider time, CancellationToken cancellationToken)
    {
        while (ServiceManager.WatchdogInterval is { } interval && !cancellationToken.IsCancellationRequested)
        {
            manager.IsWell();
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
