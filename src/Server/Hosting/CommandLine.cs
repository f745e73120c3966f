using System.Reflection;
using System.Text.RegularExpressions;

namespace Halley.Server.Hosting;

/// <summary>
/// The arguments of a start. The framework takes every argument as a setting, and lets one without a value swallow the next; so a misspelt
/// word would start a server. Here only settings start one, and everything else gets an answer.
/// </summary>
internal static partial class CommandLine
{
    private const string SettingsPage = "settings.md";

    /// <summary>Settings of the framework. Those below <c>Halley:</c> are checked where they are read.</summary>
    private static readonly string[] OthersSettings =
    [
        "urls", "http_ports", "https_ports", "environment", "contentRoot", "applicationName", "webroot", "shutdownTimeoutSeconds",
    ];

    private static readonly string[] Sections = ["Halley:", "Kestrel:", "Logging:", "hostBuilder:"];

    /// <summary>Answers a request for help or the version, and refuses what is not a setting. Null if the server is to start.</summary>
    public static int? Answer(string[] args)
    {
        if (args.Any(arg => arg is "--help" or "-h" or "-?" or "help"))
        {
            Console.WriteLine(Help());
            return ExitCodes.Ok;
        }

        if (args.Any(arg => arg is "--version" or "version"))
        {
            Console.WriteLine($"Halley {Version}");
            return ExitCodes.Ok;
        }

        var mistakes = Mistakes(args).ToList();
        if (mistakes.Count == 0)
        {
            return null;
        }

        Console.Error.WriteLine("Halley does not start, because of its arguments:");
        foreach (var mistake in mistakes)
        {
            Console.Error.WriteLine($"  - {mistake}");
        }

        Console.Error.WriteLine("Halley.Server --help lists the arguments and all settings.");
        return ExitCodes.WrongSettings;
    }

    /// <summary>The version of the program.</summary>
    public static string Version { get; } = typeof(CommandLine).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private static IEnumerable<string> Mistakes(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var (key, hasValue) = args[i].IndexOf('=', StringComparison.Ordinal) is >= 0 and var at
                ? (args[i][..at], true)
                : (args[i], false);
            if (!hasValue && !key.StartsWith("--", StringComparison.Ordinal))
            {
                yield return $"{key}: is not a command of this server";
                continue;
            }

            if (!IsSetting(key.StartsWith("--", StringComparison.Ordinal) ? key[2..] : key))
            {
                yield return $"{key}: is not an option of this server";
                continue;
            }

            // The value is the next argument, as in `--urls http://…`.
            if (!hasValue && (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal)))
            {
                yield return $"{key}: needs a value";
                i--;
            }
        }
    }

    private static bool IsSetting(string key) =>
        OthersSettings.Contains(key, StringComparer.OrdinalIgnoreCase)
        || Sections.Any(section => $"{key}:".StartsWith(section, StringComparison.OrdinalIgnoreCase));

    private static string Help()
    {
        var text = new StringWriter();
        text.WriteLine(
            """
            Halley, a server for zero-knowledge backup.

            Halley.Server [--urls ADDRESSES] [--SETTING=VALUE ...]
                starts the server; without settings, on http://127.0.0.1:8060 with its data in ./halley-data
            Halley.Server admin reset-password NAME
                sets the password of an administrator who is locked out; --help says more
            Halley.Server --help | --version

            ADDRESSES are separated by ; for example --urls "http://127.0.0.1:8060;https://*:8443".
            A setting may also be an environment variable, with __ for each colon (Halley__Storage__Flush=None; the entries
            of a list are Halley__TrustedProxies__0, __1 and so on), or stand in appsettings.json in the working directory.
            The command line wins over the environment, the environment over the file.
            """);
        foreach (var line in Settings().Split('\n'))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                text.WriteLine();
                text.WriteLine(heading.Groups[1].Value);
            }
            else if (Row().Match(line) is { Success: true } row)
            {
                text.WriteLine($"  --{row.Groups["name"].Value}  [{Plain(row.Groups["default"].Value)}]");
                text.WriteLine($"      {Plain(row.Groups["meaning"].Value)}");
            }
        }

        text.WriteLine();
        text.Write("Exit codes: docs/operations/troubleshooting.md.");
        return text.ToString();
    }

    private static string Plain(string cell) => cell.Replace("`", "", StringComparison.Ordinal).Trim();

    // The page of the documentation, which a test compares with the settings that the server reads.
    private static string Settings()
    {
        using var page = new StreamReader(typeof(CommandLine).Assembly.GetManifestResourceStream(SettingsPage)!);
        return page.ReadToEnd();
    }

    [GeneratedRegex("^## (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| `(?<name>Halley:[^`]+)` \| (?<default>[^|]*) \| (?<meaning>.*) \|$")]
    private static partial Regex Row();
}
