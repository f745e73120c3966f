using System.CommandLine;
using System.Text;
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
        Description = "File that holds the new password; it is asked for unless given",
        HelpName = "FILE",
    };

    private static readonly Argument<string> Id = new("ID") { Description = "Id of the key file, or its first digits" };

    public static Verb Create()
    {
        var list = new Verb("list", "List the passwords of a vault by their key files.", "halley key list");
        list.OnVault(VaultUse.Read, ListAsync);
        var add = new Verb("add", "Add a password.", "halley key add", "halley key add --new-password-file new.txt") { NewPasswordFile };
        add.OnVault(VaultUse.Write, AddAsync);
        var remove = new Verb("remove", "Remove a password, but not the one that opens the vault now.", "halley key remove 1a2b3c4d")
        {
            Id,
        };
        remove.OnVault(VaultUse.WriteAlone, RemoveAsync);
        var change = new Verb("passwd", "Replace the password that opens the vault now.", "halley key passwd") { NewPasswordFile };
        change.OnVault(VaultUse.WriteAlone, ChangeAsync);
        var export = new Verb(
            "export", "Print all that stock restic needs to open the vault, with its secrets. Print it on paper, and keep it safe.",
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
                ? $"There is no key file {digits}. `halley key list` lists what there is."
                : $"{found.Count} key files begin with {digits}. Give more digits of the id.");
        }

        var removal = await vault.Keys.RemoveAsync(found[0].Id, cancellationToken);
        if (removal == KeyRemoval.InUse)
        {
            throw new CommandException(
                "This password opened the vault. Open it with another one to remove this one, or use `halley key passwd`.");
        }

        context.Terminal.Say($"Removed key file {found[0].Id.ShortText}. Its password no longer opens the vault.");
        return ExitCode.Success;
    }

    private static async Task<int> ChangeAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        using var password = await Password.ReadNewAsync(context.Get(NewPasswordFile), cancellationToken);
        var id = await vault.Keys.ChangeAsync(password.Characters, parameters: null, cancellationToken);
        context.Terminal.Say($"Changed the password; its key file is {id.ShortText}.");
        return ExitCode.Success;
    }

    private static async Task<int> ExportAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var address = VaultAccess.AddressOf(context);
        using var opened = VaultAccess.OpenStore(context, address);
        await opened.RequireVaultAsync(cancellationToken);
        using var password = await Password.ReadAsync(context, isNew: false, cancellationToken);
        using var vault = await Vault.OpenAsync(
            opened.Store, password.Characters, VaultAccess.OptionsOf(context, hasCache: false), cancellationToken);
        var name = BlobName.Of(BlobType.Keys, vault.Keys.Current.ToString());
        using var file = await vault.Store.OpenAsync(name, cancellationToken)
            ?? throw new VaultException(VaultFault.Missing, name, $"{name} has just been removed. Start again.");
        var text = new byte[file.Length];
        await file.ReadAsync(0, text, cancellationToken);

        context.Terminal.Print(
            $"# All that restic needs to open vault {vault.Config.Id.ShortText}. Whoever has this can read the backups.");
        context.Terminal.Print($"export RESTIC_REPOSITORY={Quote(address.ToResticText())}");
        context.Terminal.Print($"export RESTIC_PASSWORD={Quote(new string(password.Characters.Span))}");
        context.Terminal.Print("# restic snapshots; restic restore latest --target restored");
        context.Terminal.Print($"# Should the vault lose its folder keys: this is the content of {name}, without a line feed at its end:");
        context.Terminal.Print(Encoding.UTF8.GetString(text));
        return ExitCode.Success;
    }

    // For a shell.
    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
