using Halley.Client.Accounts;
using Halley.Client.Agent.Connection;
using Halley.Client.Updates;
using Halley.Protocol.Client;
using Halley.Protocol.Live;

namespace Halley.Client.Agent.Commands;

/// <summary>Carries out the commands about the program itself: its version, its server, and what a service cannot do.</summary>
internal sealed class InstallationCommands(AgentOptions options, AgentRestart restart)
{
    private const string AddressNeeded = "The address of the server must be like https://HOST/.";

    public void AddTo(CommandDesk desk)
    {
        desk.Add(CommandCatalog.UpdateSoftware.Name, UpdateAsync);
        desk.Add(CommandCatalog.UpdateLoginAddress.Name, MoveAsync);
        AddRefusal(
            desk, CommandCatalog.ForceLogin,
            "This client is a service without a window, so it cannot ask its user to sign in. To end its access, revoke its session or the "
            + "device.");
        AddRefusal(
            desk, CommandCatalog.UninstallSoftware,
            "This client does not remove itself. Remove its package on the device, as with `apt remove halley-client`. To end its access "
            + "now, revoke the device.");
    }

    private async Task<CommandReport> UpdateAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var address = CommandCatalog.UpdateSoftware.Read(command.Arguments).Address;
        if ((address.Length > 0 ? ParseAddress(address) : options.State.RequireAccount().Server) is not { } server)
        {
            return Failed(command, CommandCodes.InvalidArguments, AddressNeeded);
        }

        try
        {
            var update = new ClientUpdate(options.Http, server, AppContext.BaseDirectory);
            if (await update.FindAsync(Version.Parse(options.ClientVersion), cancellationToken) is { } offered)
            {
                options.Inform($"halley {offered.Version} is being installed.");
                await update.InstallAsync(offered, cancellationToken);
                restart.Ask("The agent ends, so that its service starts the version that was installed.");
            }

            return new CommandReport(command.Id, CommandStates.Done);
        }
        catch (Exception error) when (error is UpdateException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return Failed(command, CommandCodes.UpdateRefused, error.Message);
        }
    }

    // The old address stays until the new one has accepted this machine: somebody must go to a device that can sign in nowhere.
    private async Task<CommandReport> MoveAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var arguments = CommandCatalog.UpdateLoginAddress.Read(command.Arguments);
        var present = options.State.RequireAccount().Server;
        if (ParseAddress(arguments.Address) is not { } server)
        {
            return Failed(command, CommandCodes.InvalidArguments, AddressNeeded);
        }

        if (present.Scheme == Uri.UriSchemeHttps && server.Scheme != Uri.UriSchemeHttps)
        {
            return Failed(command, CommandCodes.InvalidArguments, "The device signs in over https:// and does not change to http://.");
        }

        if (server == present)
        {
            return new CommandReport(command.Id, CommandStates.Done);
        }

        try
        {
            var there = new DeviceAccount(options.State, new HalleyClient(options.Http, server, options.Time));
            await there.MoveHereAsync(server, options.ClientVersion, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            return Kept(ConnectionProblem.Describe(error, server, options.Proxy));
        }
        catch (AccountException error)
        {
            return Kept(error.Message);
        }

        restart.Ask($"The agent ends, so that its service starts it for {server}.");
        return new CommandReport(command.Id, CommandStates.Done);

        CommandReport Kept(string reason) => Failed(
            command, CommandCodes.SignInFailed, $"The device cannot sign in at {server} and stays with {present}: {reason}");
    }

    private static void AddRefusal<TArguments>(CommandDesk desk, CommandKind<TArguments> kind, string reason)
        where TArguments : class =>
        desk.Add(kind.Name, (command, _) => Task.FromResult(Failed(command, CommandCodes.NotSupported, reason)));

    private static Uri? ParseAddress(string text) =>
        Uri.TryCreate($"{text.TrimEnd('/')}/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;

    private static CommandReport Failed(DeviceCommand command, string code, string message) =>
        new(command.Id, CommandStates.Failed, Code: code, Message: message);
}
