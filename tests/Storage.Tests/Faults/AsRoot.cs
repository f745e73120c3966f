using System.Diagnostics;

namespace Halley.Storage.Tests.Faults;

/// <summary>Programs that need root and the right to mount.</summary>
internal static class AsRoot
{
    public static string Run(string program, params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var answer = process.StandardOutput.ReadToEndAsync();
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0,
            $"'{program} {string.Join(' ', arguments)}' failed: {complaint.Trim()}. These tests need root and the right to mount: "
            + "run them as root, in a container with --privileged.");
        return answer.Result;
    }
}
