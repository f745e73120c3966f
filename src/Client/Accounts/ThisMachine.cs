using System.Runtime.InteropServices;
using Halley.Protocol;
using Halley.Protocol.Profiles;

namespace Halley.Client.Accounts;

/// <summary>What a device says about itself.</summary>
internal static class ThisMachine
{
    public static RegisterDevice Describe(string id, string? name, string clientVersion) =>
        new(id, name ?? Environment.MachineName, Platform(), clientVersion, TimeZone());

    private static OSInfo Platform()
    {
        var facts = OperatingSystem.IsLinux() ? ReadRelease() : [];
        return new OSInfo
        {
            Os = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux",
            Arch = RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => "amd64",
                Architecture.X86 => "386",
                var other => $"{other}".ToLowerInvariant(),
            },
            Distribution = facts.GetValueOrDefault("NAME", ""),
            Version = facts.GetValueOrDefault("VERSION_ID", ""),
        };
    }

    // Only names that a server knows; a machine without a zone is in "Local" or the like.
    private static string? TimeZone() =>
        TimeZoneInfo.Local.Id is var id && (id.Contains('/', StringComparison.Ordinal) || id is "UTC") ? id : null;

    private static Dictionary<string, string> ReadRelease()
    {
        const string Release = "/etc/os-release";
        return !File.Exists(Release) ? [] : File.ReadLines(Release)
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0])
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('"'), StringComparer.Ordinal);
    }
}
