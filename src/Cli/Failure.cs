using System.ComponentModel;
using Halley.Client.Accounts;
using Halley.Client.Importing;
using Halley.Client.Repository;
using Halley.Client.Updates;
using Halley.Storage;

namespace Halley.Cli;

/// <summary>What an exception is for the person at the terminal: an exit code, and one line that says what to do next.</summary>
internal readonly record struct Failure(int ExitCode, string Message)
{
    public static Failure Of(Exception error) => error switch
    {
        CommandException command => new(command.ExitCode, command.Message),
        VaultException vault => new(CodeOf(vault.Fault), AdviseOn(vault)),
        BlobStoreException store => new(Cli.ExitCode.Failure, $"{Sentence(store.Message)} {AdviceFor(store.Fault)}"),
        AccountException account => new(
            account.Fault == AccountFault.WrongCredential ? Cli.ExitCode.WrongPassword : Cli.ExitCode.Failure, account.Message),
        UpdateException update => new(Cli.ExitCode.Failure, update.Message),
        ImportException import => new(Cli.ExitCode.Failure, FirstLine(import.Message)),
        HttpRequestException http => new(
            Cli.ExitCode.Failure, $"{Sentence(FirstLine(http.Message))} Check the address and that the server is running, then try again."),
        OperationCanceledException =>
            new(Cli.ExitCode.Interrupted, "Interrupted. Data stored or restored so far is kept; run the command again to continue."),
        IOException or UnauthorizedAccessException or Win32Exception or FormatException or ArgumentException
            or PlatformNotSupportedException => new(Cli.ExitCode.Failure, FirstLine(error.Message)),
        _ => new(
            Cli.ExitCode.Failure,
            $"This is a bug in halley ({error.GetType().Name}: {FirstLine(error.Message)}). "
            + "Please report it with the command line."),
    };

    private static int CodeOf(VaultFault fault) => fault switch
    {
        VaultFault.NoVault => Cli.ExitCode.NoVault,
        VaultFault.WrongPassword => Cli.ExitCode.WrongPassword,
        VaultFault.LockLost => Cli.ExitCode.Locked,
        _ => Cli.ExitCode.Failure,
    };

    private static string AdviseOn(VaultException error) => error.Fault switch
    {
        VaultFault.WrongPassword => $"{error.Message} Try again; with several passwords any of them will do.",
        _ => FirstLine(error.Message),
    };

    private static string AdviceFor(BlobStoreFault fault) => fault switch
    {
        BlobStoreFault.Offline => "Check the address and that the server is running, then try again.",
        BlobStoreFault.DiskError => "Check the disk, its owner and its permissions, then try again.",
        BlobStoreFault.Exhausted => "Raise the limit of open files (ulimit -n), then try again.",
        BlobStoreFault.Unauthorized => "Check the name and the key in the address or in HALLEY_REST_USERNAME and HALLEY_REST_PASSWORD.",
        BlobStoreFault.Forbidden => "Use a key of the bucket that allows it.",
        _ => "Check that the address is that of a vault: https://HOST/vault/BUCKET/.",
    };

    /// <summary>With a full stop at its end.</summary>
    public static string Sentence(string message) => message.Length > 0 && message[^1] is '.' or '!' or '?' ? message : $"{message}.";

    private static string FirstLine(string message) => message.ReplaceLineEndings("\n").Split('\n')[0];
}
