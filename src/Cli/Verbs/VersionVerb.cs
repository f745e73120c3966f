using System.Runtime.InteropServices;
using Halley.Cli.Output;

namespace Halley.Cli.Verbs;

/// <summary><c>halley version</c></summary>
internal static class VersionVerb
{
    public static Verb Create()
    {
        var verb = new Verb("version", "Print the version.", "halley version");
        verb.OnRun((context, _) =>
        {
            var architecture = RuntimeInformation.ProcessArchitecture;
            context.Terminal.Print($"halley {HalleyCommand.Version} on {RuntimeInformation.RuntimeIdentifier}");
            context.Terminal.Json(
                new VersionMessage(
                    HalleyCommand.Version, "", OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux",
                    architecture == Architecture.X64 ? "amd64" : $"{architecture}".ToLowerInvariant()),
                MessageJson.Default.VersionMessage);
            return Task.FromResult(ExitCode.Success);
        });
        return verb;
    }
}
