using System.CommandLine;
using System.Globalization;

namespace Halley.Cli.Settings;

/// <summary>The options that all verbs have.</summary>
internal static class SharedOptions
{
    public static readonly Option<string?> Repository = new("--repo", "-r")
    {
        Description = "Address of the vault: a directory, rest:https://NAME:KEY@HOST/PATH/, https://HOST/vault/BUCKET/ or "
            + "vault:NAME for a vault of the account [HALLEY_REPOSITORY]",
        HelpName = "ADDRESS",
    };

    public static readonly Option<string?> RepositoryFile = new("--repository-file")
    {
        Description = "File that holds the address of the vault [HALLEY_REPOSITORY_FILE]",
        HelpName = "FILE",
    };

    public static readonly Option<string?> PasswordFile = new("--password-file", "-p")
    {
        Description = "File that holds the password of the vault [HALLEY_PASSWORD_FILE]",
        HelpName = "FILE",
    };

    public static readonly Option<string?> PasswordCommand = new("--password-command")
    {
        Description = "Program that prints the password of the vault [HALLEY_PASSWORD_COMMAND]",
        HelpName = "COMMAND",
    };

    public static readonly Option<string?> KeyHint = new("--key-hint")
    {
        Description = "Id of the key file to try first [HALLEY_KEY_HINT]",
        HelpName = "ID",
    };

    public static readonly Option<string?> CacheDirectory = new("--cache-dir")
    {
        Description = "Directory of the local cache (default: ~/.cache/halley) [HALLEY_CACHE_DIR]",
        HelpName = "DIRECTORY",
    };

    public static readonly Option<bool> NoCache = new("--no-cache") { Description = "Do not use a local cache" };

    public static readonly Option<bool> NoLock = new("--no-lock")
    {
        Description = "Do not lock the vault when only reading, for vaults that cannot be written",
    };

    public static readonly Option<string?> RetryLock = new("--retry-lock")
    {
        Description = "How long to wait for a conflicting lock, such as 5m",
        HelpName = "DURATION",
    };

    public static readonly Option<int?> LimitUpload = new("--limit-upload")
    {
        Description = "Limit uploads to this many KiB per second",
        HelpName = "RATE",
    };

    public static readonly Option<int?> LimitDownload = new("--limit-download")
    {
        Description = "Limit downloads to this many KiB per second",
        HelpName = "RATE",
    };

    public static readonly Option<string?> Compression = new("--compression")
    {
        Description = "Compression of new data: off, auto, max, or a zstd level from 1 to 19 [HALLEY_COMPRESSION]",
        HelpName = "MODE",
    };

    public static readonly Option<int?> PackSize = new("--pack-size")
    {
        Description = "Size of new packs in MiB, 4 to 128 (default: 16) [HALLEY_PACK_SIZE]",
        HelpName = "SIZE",
    };

    public static readonly Option<bool> NoExtraVerify = new("--no-extra-verify")
    {
        Description = "Do not decode new data to verify it before it is stored: faster, but hides faults of memory and processor",
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON, as restic does" };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Print only errors" };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Print more; give it twice to list every file",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Repository, RepositoryFile, PasswordFile, PasswordCommand, KeyHint, CacheDirectory, NoCache, NoLock, RetryLock, LimitUpload,
        LimitDownload, Compression, PackSize, NoExtraVerify, Json, Quiet, Verbose,
    ];

    /// <summary>0 for quiet, 1 as usual, 2 and 3 for more.</summary>
    public static int VerbosityOf(ParseResult parsed) =>
        parsed.GetValue(Quiet) ? 0 : 1 + Math.Min(2, parsed.GetResult(Verbose)?.IdentifierTokenCount ?? 0);

    /// <summary><c>--verbose=2</c>, as restic has it, is written out.</summary>
    public static IEnumerable<string> WriteOutVerbosity(IEnumerable<string> arguments)
    {
        const string Numbered = "--verbose=";
        foreach (var argument in arguments)
        {
            if (argument.StartsWith(Numbered, StringComparison.Ordinal)
                && int.TryParse(argument.AsSpan(Numbered.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                for (var i = 0; i < Math.Min(count, 2); i++)
                {
                    yield return Verbose.Name;
                }
            }
            else
            {
                yield return argument;
            }
        }
    }
}
