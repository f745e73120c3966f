using System.Text.Json;
using Halley.Client.Backup;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>A program whose output is backed up as a file.</summary>
/// <param name="Command">The command line, for the shell.</param>
/// <param name="Directory">Where it runs; empty for the directory of the agent.</param>
/// <param name="FileName">The name of the file.</param>
internal sealed record OutputProgram(string Command, string Directory, string FileName);

/// <summary>A protected item of output of programs: <c>engine1/stdout</c>.</summary>
internal static class ProgramItem
{
    public const string Engine = "engine1/stdout";

    private const string DefaultName = "stdout";

    /// <summary>The programs of the item, the main one first.</summary>
    /// <exception cref="JobStop">The item has no command, or one that cannot be read, or two with the same file name.</exception>
    public static IReadOnlyList<OutputProgram> ProgramsOf(SourceConfig item)
    {
        var properties = item.EngineProps;
        IReadOnlyList<OutputProgram> programs =
        [
            new(
                properties.GetValueOrDefault("COMMAND", ""), properties.GetValueOrDefault("WORKDIR", ""),
                NameOf(properties.GetValueOrDefault("SAVEAS", ""))),
            .. properties.Where(property => property.Key.StartsWith("EXTRACOMMAND-", StringComparison.Ordinal))
                .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => ReadExtra(property.Value)),
        ];
        if (programs.Any(program => program.Command.Trim().Length == 0))
        {
            throw new JobStop(JobStatus.Error, "The protected item has an empty command. Edit the item.");
        }

        return programs.DistinctBy(program => program.FileName).Count() == programs.Count ? programs : throw new JobStop(
            JobStatus.Error, "Two commands of the protected item save to the same file name. Edit the item.");
    }

    /// <summary>The backup of the programs, each of which starts when its turn comes.</summary>
    public static BackupOptions OptionsOf(IReadOnlyList<OutputProgram> programs, Action<string> onErrorLine) => new()
    {
        Inputs = [.. programs.Select(program => new BackupInput(new ProgramOutput(program, onErrorLine), program.FileName))],
    };

    // A snapshot has the file at its root.
    private static string NameOf(string saveAs) => saveAs.Trim().Trim('/') is { Length: > 0 } name ? name : DefaultName;

    private static OutputProgram ReadExtra(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ItemJson.Default.ListString) is [var command, var directory, var saveAs]
                ? new(command, directory, NameOf(saveAs))
                : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new JobStop(
                JobStatus.Error,
                $"The further command '{json}' cannot be read: it needs a command, a directory and a file name. Edit the item.");
        }
    }
}
