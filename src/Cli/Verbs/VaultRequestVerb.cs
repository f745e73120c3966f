using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;

namespace Halley.Cli.Verbs;

/// <summary><c>halley vault request</c> and <c>halley vault list-providers</c></summary>
internal static class VaultRequestVerb
{
    private static readonly Argument<string> Provider = new("PROVIDER") { Description = "Name or id of the provider" };

    private static readonly Option<string?> Name = new("--name")
    {
        Description = "Name of the vault (default: that of the provider)",
        HelpName = "NAME",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "request",
            "Request a vault from a provider. Its keys are made on this machine; the server gets a hash and sealed keys. A request "
            + "that was interrupted is finished.",
            "halley vault request Offsite", "halley vault request Offsite --name photos")
        {
            Provider, Name,
        };
        verb.OnRun(RequestAsync);
        return verb;
    }

    public static Verb CreateList()
    {
        var verb = new Verb(
            "list-providers", "List the providers from which a vault can be requested.", "halley vault list-providers",
            "halley vault list-providers --json");
        verb.OnRun(ListAsync);
        return verb;
    }

    private static async Task<int> RequestAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var vault = await AccountVaults.RunAsync(
            context,
            work => work.WithRKeyAsync(
                rKey => work.Vaults.RequestAsync(context.Get(Provider)!, context.Get(Name), rKey, cancellationToken), cancellationToken));
        VaultVerb.Report(
            context, "requested", vault,
            $"The vault '{vault.Config.Description}' at {vault.Place} is ready: halley -r \"vault:{vault.Config.Description}\" backup …");
        return ExitCode.Success;
    }

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var providers = await AccountVaults.RunAsync(context, work => work.Vaults.ListProvidersAsync(cancellationToken));
        var table = new Table("Name", "Storage", "Limit", "ID");
        foreach (var provider in providers)
        {
            table.Add(
                provider.Description, provider.IsThisServer ? "this server" : provider.Type == "comet" ? "another server" : provider.Type,
                provider.LimitBytes is { } limit ? Text.Bytes(limit) : "none", provider.Id);
        }

        if (providers.Count > 0)
        {
            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print(Text.CountOrHint(
            providers.Count, "provider", "providers",
            "The administrator of the server can offer storage to this account. To use a place of your own: halley vault add NAME "
            + "ADDRESS"));
        context.Terminal.Json(
            [.. providers.Select(provider => new ProviderObject(
                provider.Id, provider.Description, provider.Type, provider.IsThisServer, provider.LimitBytes))],
            MessageJson.Default.IReadOnlyListProviderObject);
        return ExitCode.Success;
    }
}
