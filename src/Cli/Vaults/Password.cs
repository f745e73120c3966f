using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Halley.Cli.Settings;

namespace Halley.Cli.Vaults;

/// <summary>The password of a vault, erased when it was used.</summary>
internal sealed class Password : IDisposable
{
    private const string ForVault = "Set HALLEY_PASSWORD, use --password-file or --password-command, or run halley in a terminal.";
    private const string ForOtherVault = "Set HALLEY_FROM_PASSWORD, use --from-password-file, or run halley in a terminal.";
    private const string ForNew = "Give the new one with --new-password-file, or run halley in a terminal.";
    private const string ForAccount =
        "Set HALLEY_ACCOUNT_PASSWORD, use --password-file or --password-command, or run halley in a terminal.";

    private readonly char[] _characters;

    private Password(ReadOnlySpan<char> characters)
    {
        _characters = GC.AllocateArray<char>(characters.Length, pinned: true);
        characters.CopyTo(_characters);
    }

    public ReadOnlyMemory<char> Characters => _characters;

    /// <summary>
    /// The key of a vault of the account, or a password from the options, the environment, the terminal or standard input.
    /// </summary>
    public static async Task<Password> ReadAsync(
        VerbContext context, VaultAddress address, bool isNew, CancellationToken cancellationToken)
    {
        if (OfKey(address) is { } known)
        {
            return known;
        }

        var (file, command) = (context.Get(SharedOptions.PasswordFile), context.Get(SharedOptions.PasswordCommand));
        var password = await FindAsync(file, command, text: null, cancellationToken)
            ?? await FindAsync("HALLEY", cancellationToken)
            ?? await FindAsync("RESTIC", cancellationToken)
            ?? await AskAsync(isNew ? "Password for the new vault" : "Password of the vault", isNew, ForVault, cancellationToken);
        return password.Characters.Length > 0 ? password
            : throw new CommandException("The password is empty. Give one with at least one character.");
    }

    /// <summary>The password of a second vault.</summary>
    public static async Task<Password> ReadOtherAsync(
        VaultAddress address, string? file, string? command, string question, CancellationToken cancellationToken) =>
        OfKey(address) ?? await FindAsync(file, command, text: null, cancellationToken)
        ?? await FindAsync("HALLEY_FROM", cancellationToken)
        ?? await FindAsync("RESTIC_FROM", cancellationToken)
        ?? await AskAsync(question, isTwice: false, ForOtherVault, cancellationToken);

    /// <summary>The password of an account on a server.</summary>
    public static async Task<Password> ReadAccountAsync(VerbContext context, CancellationToken cancellationToken) =>
        await FindAsync(
            context.Get(SharedOptions.PasswordFile), context.Get(SharedOptions.PasswordCommand), text: null, cancellationToken)
        ?? await FindAsync("HALLEY_ACCOUNT", cancellationToken)
        ?? await AskAsync("Password of the account", isTwice: false, ForAccount, cancellationToken);

    /// <summary>A further password of a vault that is open.</summary>
    public static async Task<Password> ReadNewAsync(string? file, CancellationToken cancellationToken)
    {
        var password = file is not null
            ? await ReadFileAsync(file, cancellationToken)
            : await AskAsync("New password", isTwice: true, ForNew, cancellationToken);
        return password.Characters.Length > 0 ? password
            : throw new CommandException("The new password is empty. Give one with at least one character.");
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));

    private static Password? OfKey(VaultAddress address)
    {
        using var key = address.Key;
        return key is null ? null : new Password(key.Password.Span);
    }

    private static Task<Password?> FindAsync(string prefix, CancellationToken cancellationToken) => FindAsync(
        Variables.NotEmpty($"{prefix}_PASSWORD_FILE"), Variables.NotEmpty($"{prefix}_PASSWORD_COMMAND"),
        Variables.NotEmpty($"{prefix}_PASSWORD"), cancellationToken);

    private static async Task<Password?> FindAsync(string? file, string? command, string? text, CancellationToken cancellationToken) =>
        file is not null ? await ReadFileAsync(file, cancellationToken)
        : command is not null ? await RunAsync(command, cancellationToken)
        : text is not null ? new Password(text)
        : null;

    private static async Task<Password> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return new Password(
                Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, cancellationToken)).AsSpan().Trim().TrimStart('\uFEFF'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The file with the password cannot be read: {error.Message}");
        }
    }

    private static async Task<Password> RunAsync(string command, CancellationToken cancellationToken)
    {
        var words = CommandLine.Split(command);
        if (words.Count == 0)
        {
            throw new CommandException("The command for the password is empty.");
        }

        try
        {
            var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true };
            using var process = Process.Start(start) ?? throw new CommandException($"{words[0]} cannot be started.");
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? new Password(output.AsSpan().Trim())
                : throw new CommandException($"The command for the password, {words[0]}, exited with {process.ExitCode}.");
        }
        catch (Win32Exception error)
        {
            throw new CommandException($"The command for the password, {words[0]}, cannot be started: {error.Message}");
        }
    }

    // Without a terminal, the help says how else to give it.
    private static async Task<Password> AskAsync(string what, bool isTwice, string help, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            var line = await Console.In.ReadLineAsync(cancellationToken);
            return line is { Length: > 0 } ? new Password(line) : throw new CommandException($"No password was given. {help}");
        }

        var first = Ask($"{what}: ");
        if (isTwice)
        {
            using var second = Ask("Repeat the password: ");
            if (!first.Characters.Span.SequenceEqual(second.Characters.Span))
            {
                first.Dispose();
                throw new CommandException("The passwords do not match. Try again.");
            }
        }

        return first;
    }

    private static Password Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new char[1024];
        var length = 0;
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && length < typed.Length)
            {
                typed[length++] = key.KeyChar;
            }
        }

        Console.Error.WriteLine();
        var password = new Password(typed.AsSpan(0, length));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(typed.AsSpan()));
        return password;
    }
}
