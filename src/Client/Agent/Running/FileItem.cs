using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Client.Agent.Jobs;
using Halley.Client.Backup;
using Halley.Client.Selection;
using Halley.Protocol.Jobs;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>A protected item of files and folders: <c>engine1/file</c>.</summary>
internal static class FileItem
{
    public const string Engine = "engine1/file";

    private const int AnySystem = 0;
    private const int WindowsOnly = 1;
    private const int Windows32Only = 2;
    private const int Windows64Only = 3;
    private const int MacOnly = 4;
    private const int LinuxOnly = 5;

    private static readonly string[] WindowsFlags = ["USE_WIN_VSS", "CONFIRM_EFS", "SMBAUTH"];

    /// <summary>What the item backs up.</summary>
    /// <param name="item">The item.</param>
    /// <param name="profile">The profile, for the policy's exclusions and the limit to home directories.</param>
    /// <param name="log">Receives what is left out, and settings without effect.</param>
    /// <exception cref="JobStop">A setting cannot be read: nothing may be left out, or taken in, by mistake.</exception>
    public static BackupOptions OptionsOf(SourceConfig item, UserProfileConfig profile, Action<JobSeverity, string> log)
    {
        var properties = item.EngineProps;
        IReadOnlyList<PathRule> rules =
        [
            .. Values(properties, "EXCLUDE").Select(Glob),
            .. Values(properties, "REXCLUDE").Select(Expression),
            .. profile.Policy.FileAndFolderMandatoryExclusions.Where(IsForThisSystem)
                .Select(rule => rule.Regex ? Expression(rule.Exclude) : Glob(rule.Exclude)),
        ];
        var sandbox = new HomeSandbox(profile.LinuxHomedirSandbox);
        IReadOnlyList<PartialDirectory> partial =
        [
            .. Values(properties, "PINCLUDE").Select(ReadPartial).Select(part => new PartialDirectory(part.TopDirectory, Glob(part.Value))),
            .. Values(properties, "RINCLUDE").Select(ReadPartial)
                .Select(part => new PartialDirectory(part.TopDirectory, Expression(part.Value))),
        ];
        foreach (var flag in WindowsFlags.Where(flag => Values(properties, flag).Any()))
        {
            log(JobSeverity.Info, $"The setting {flag} is for Windows and has no effect here.");
        }

        return new BackupOptions
        {
            Paths = [.. Values(properties, "INCLUDE").Where(path => IsWanted(path, rules, sandbox, log))],
            Partial = [.. partial.Where(part => IsWanted(part.Path, rules, sandbox, log))],
            Rules = rules,
            ReadsEverything = properties.ContainsKey("RESCAN_UNCHANGED"),
        };
    }

    // A key is the name and anything after it, so that there can be several.
    private static IEnumerable<string> Values(Dictionary<string, string> properties, string name) =>
        properties.Where(property => property.Key.StartsWith(name, StringComparison.Ordinal))
            .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => property.Value);

    private static bool IsForThisSystem(ExtraFileExclusion rule) => rule.RestrictOS switch
    {
        AnySystem => true,
        WindowsOnly => OperatingSystem.IsWindows(),
        Windows32Only => OperatingSystem.IsWindows() && !Environment.Is64BitOperatingSystem,
        Windows64Only => OperatingSystem.IsWindows() && Environment.Is64BitOperatingSystem,
        MacOnly => OperatingSystem.IsMacOS(),
        LinuxOnly => OperatingSystem.IsLinux(),
        _ => true, // of a newer server: rather too little than what must never be backed up
    };

    private static bool IsWanted(string path, IReadOnlyList<PathRule> rules, HomeSandbox sandbox, Action<JobSeverity, string> log)
    {
        if (!Path.IsPathRooted(path))
        {
            log(JobSeverity.Warning, $"'{path}' is not an absolute path of this system and is left out.");
            return false;
        }

        if (!sandbox.Allows(path))
        {
            log(
                JobSeverity.Warning,
                $"'{path}' is outside of the home directories, to which the account limits this device, and is left out.");
            return false;
        }

        if (rules.FirstOrDefault(rule => rule.Matches(Encoding.UTF8.GetBytes(Path.GetFullPath(path)))) is { } exclusion)
        {
            log(JobSeverity.Warning, $"'{path}' is included and is left out all the same, because of the exclusion '{exclusion.Text}'.");
            return false;
        }

        return true;
    }

    // A leading '!' would take in again what other rules left out.
    private static PathRule Glob(string pattern) => Rule(pattern, text => PathRule.Glob(text.StartsWith('!') ? $"\\{text}" : text));

    private static PathRule Expression(string expression) => Rule(expression, text => PathRule.Expression(text));

    private static PathRule Rule(string text, Func<string, PathRule> make)
    {
        try
        {
            return make(text);
        }
        catch (FormatException error)
        {
            throw new JobStop(JobStatus.Error, $"A pattern of the protected item or the policy is wrong. {error.Message}");
        }
    }

    private static PartialInclusion ReadPartial(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ItemJson.Default.PartialInclusion) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new JobStop(
                JobStatus.Error, $"The inclusion '{json}' cannot be read: it needs a TopDirectory and a Value. Edit the item.");
        }
    }
}

/// <summary>Files of one directory, as the vendor's clients write it.</summary>
internal sealed record PartialInclusion(string TopDirectory, string Value);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PartialInclusion))]
[JsonSerializable(typeof(List<string>))]
internal sealed partial class ItemJson : JsonSerializerContext;
