namespace Halley.Benchmarks.Client;

/// <summary>How <c>halley</c> is started.</summary>
/// <param name="Path">The program.</param>
/// <param name="Arguments">Arguments that come before all others.</param>
/// <param name="Name">What it is, for the table.</param>
internal sealed record HalleyBuild(string Path, IReadOnlyList<string> Arguments, string Name)
{
    /// <summary>Makes the native program. Without its compiler: the .NET build.</summary>
    public static async Task<HalleyBuild> MakeAsync(string directory)
    {
        var run = await ExternalProgram.RunAsync(
            Tools.Require("dotnet", "dotnet-sdk-10.0"),
            ["publish", Checkout.PathOf("src/Cli"), "-c", "Release", "-r", "linux-x64", "-o", directory, "-nologo", "-v", "q"]);
        if (run.ExitCode == 0)
        {
            return new(System.IO.Path.Combine(directory, "halley"), [], "halley as a native program");
        }

        Console.WriteLine($"There is no native program, so the .NET build is measured:\n{run.Output}");
        return new(HalleyProgram.Command[0], [.. HalleyProgram.Command.Skip(1)], "halley on the .NET runtime");
    }
}
