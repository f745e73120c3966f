namespace Halley.Cli.Settings;

/// <summary>Variables of the environment. Those of restic count as well; ours win.</summary>
internal static class Variables
{
    public static string? Get(string name) => NotEmpty($"HALLEY_{name}") ?? NotEmpty($"RESTIC_{name}");

    public static string? NotEmpty(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
