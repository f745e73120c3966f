using System.CommandLine;
using System.Text;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Repository;
using Halley.Client.Repository.KeyFiles;
using Halley.Storage;

namespace Halley.Cli.Verbs;

/// <summary><c>halley key list|add|remove|passwd|export</c></summary>
internal static class KeyVerb
{
    private static readonly Option<string?> NewPasswordFile = new("--new-password-file")
    {
        Description = "File that holds the new password (default: prompt)",
        HelpName = "FILE",
    };

    private static readonly Argument<string> Id = new("ID") { Description = "Id or prefix of the key file" };

    public static Verb Create()
    {
        var list = new Verb("list", "List the key files of a vault; each stands for a password.", "halley key list");
        list.OnVault(VaultUse.Read, ListAsync);
        var add = new Verb("add", "Add a password.", "halley key add", "halley key add --new-password-file new.txt") { NewPasswordFile };
        add.OnVault(VaultUse.Write, AddAsync);
        var remove = new Verb("remove", "Remove a password other than the one in use.", "halley key remove 1a2b3c4d")
        {
            Id,
        };
        remove.OnVault(VaultUse.WriteAlone, RemoveAsync);
        var change = new Verb("passwd", "Replace the password in use.", "halley key passwd") { NewPasswordFile };
        change.OnVault(VaultUse.WriteAlone, ChangeAsync);
        var export = new Verb(
            "export", "Print everything that restic needs to open the vault, including secrets. Keep it on paper in a safe place.",
            "halley key export");
        export.OnRun(ExportAsync);
        return new Verb("key", "Show and change the passwords of a vault.") { list, add, remove, change, export };
    }

    private static async Task<int> ListAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var keys = await vault.Keys.ListAsync(cancellationToken);
        var table = new Table("", "ID", "User", "Host", "Created");
        foreach (var key in keys)
        {
            table.Add(key.IsCurrent ? "*" : "", key.Id.ShortText, key.UserName, key.HostName, Text.Time(key.Created));
        }

        table.PrintTo(context.Terminal);
        context.Terminal.Json(
            [.. keys.Select(key => new KeyObject(key.IsCurrent, key.Id.ShortText, key.UserName, key.HostName, Text.Time(key.Created)))],
            MessageJson.Default.IReadOnlyListKeyObject);
        return ExitCode.Success;
    }

    private static async Task<int> AddAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        using var password = await Password.ReadNewAsync(context.Get(NewPasswordFile), cancellationToken);
        var id = await vault.Keys.AddAsync(password.Characters, parameters: null, cancellationToken);
        context.Terminal.Say($"Added a password with key file {id.ShortText}.");
        return ExitCode.Success;
    }

    private static async Task<int> RemoveAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var digits = context.Get(Id)!;
        var found = (await vault.Keys.ListAsync(cancellationToken)).Where(key => key.Id.StartsWith(digits)).ToList();
        if (found.Count != 1)
        {
            throw new CommandException(found.Count == 0
                ? $"There is no key file {digits}. Run `halley key list` to see the key files."
                : $"{found.Count} key files begin with {digits}. Give more characters of the id.");
        }

        var removal = await vault.Keys.RemoveAsync(found[0].Id, cancellationToken);
        if (removal == KeyRemoval.InUse)
        {
            throw new CommandException(
                "This password is in use. Open the vault with another password to remove it, or run `halley key passwd`.");
        }

        context.Terminal.Say($"Removed key file {found[0].Id.ShortText}. Its password no longer opens the vault.");
        return ExitCode.Success;
    }

    private static async Task<int> ChangeAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        if (AccountVaults.NameIn(VaultAccess.AddressTextOf(context)) is not null)
        {
            throw new CommandException(
                "The account's machines open this vault by its key in the profile, which stays. `halley key add` adds a password.");
        }

        using var password = await Password.ReadNewAsync(context.Get(NewPasswordFile), cancellationToken);
        var id = await vault.Keys.ChangeAsync(password.Characters, parameters: null, cancellationToken);
        context.Terminal.Say($"Changed the password; its key file is {id.ShortText}.");
        return ExitCode.Success;
    }

    private static async Task<int> ExportAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var address = await VaultAccess.AddressAsync(context, cancellationToken);
        using var opened = VaultAccess.OpenStore(context, address);
        await opened.RequireVaultAsync(cancellationToken);
        using var password = await Password.ReadAsync(context, address, isNew: false, cancellationToken);
        using var vault = await Vault.OpenAsync(
            opened.Store, password.Characters, VaultAccess.OptionsOf(context, opened, hasCache: false), cancellationToken);
        var name = BlobName.Of(BlobType.Keys, vault.Keys.Current.ToString());
        using var file = await vault.Store.OpenAsync(name, cancellationToken)
            ?? throw new VaultException(VaultFault.Missing, name, $"{name} has just been removed. Try again.");
        var text = new byte[file.Length];
        await file.ReadAsync(0, text, cancellationToken);

        context.Terminal.Print(
            $"# Everything that restic needs to open vault {vault.Config.Id.ShortText}. Anyone who has this can read the backups.");
        context.Terminal.Print($"export RESTIC_REPOSITORY={Quote(address.ToResticText())}");
        context.Terminal.Print($"export RESTIC_PASSWORD={Quote(new string(password.Characters.Span))}");
        context.Terminal.Print("# restic snapshots; restic restore latest --target restored");
        context.Terminal.Print($"# If the vault loses its keys folder, restore this content of {name}, without a final line feed:");
        context.Terminal.Print(Encoding.UTF8.GetString(text));
        return ExitCode.Success;
    }

    // For a shell.
    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
