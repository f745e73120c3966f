using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Client.Accounts;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault remove</c></summary>
internal static class VaultRemoveVerb
{
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Verb Create()
    {
        var verb = new Verb(
            "remove",
            "Remove a vault from the account, with its key and the schedules that back up to it. Its files stay at their place.",
            "halley vault remove old")
        {
            VaultVerb.Name, Yes,
        };
        verb.OnRun(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var vault = await AccountVaults.RunAsync(
            context,
            async work =>
            {
                var profile = (await work.Account.ReadProfileAsync(HalleyCommand.Version, cancellationToken)).Profile;
                var found = ProfileVault.Find(profile, context.Get(VaultVerb.Name)!);
                var schedules = DeviceVaults.SchedulesOf(profile, found.Id).Select(rule => $"'{rule.Value.Description}'").ToList();
                await ConfirmAsync(context, found, schedules, cancellationToken);
                await work.Vaults.RemoveAsync(found.Id, cancellationToken);
                return found;
            });
        VaultVerb.Report(
            context, "removed", vault,
            $"Removed the vault '{vault.Config.Description}' from the account. Its files stay at {vault.Place}.");
        return ExitCode.Success;
    }

    private static async Task ConfirmAsync(
        VerbContext context, ProfileVault vault, List<string> schedules, CancellationToken cancellationToken)
    {
        if (context.Get(Yes))
        {
            return;
        }

        var name = vault.Config.Description;
        await Console.Error.WriteLineAsync(
            $"This removes the key of '{name}' from the account. Without the output of `halley key export` or a password of the vault, "
            + $"nobody can open its files again.{(schedules.Count == 0 ? "" : $" These schedules end: {string.Join(", ", schedules)}.")}");
        await Console.Error.WriteAsync($"Type {name} to remove it: ");
        if ((await Console.In.ReadLineAsync(cancellationToken))?.Trim() != name)
        {
            throw new CommandException("Nothing was removed. Type the name of the vault, or use --yes.");
        }
    }
}
