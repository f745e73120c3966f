using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.AuthRole.ClientPackages;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>
/// The vendor's calls that download the client. They need no credentials here, like the packages themselves. The packages are built
/// beforehand, the same for every caller, so <c>SelfAddress</c> has no effect.
/// </summary>
internal sealed class PackageCalls(ClientPackageStore packages)
{
    // Of the vendor's numbers only that of Linux is known.
    private static readonly Dictionary<long, Platform> Platforms = new()
    {
        [7] = new("Linux", "linux-x64"),
        [1007] = new("Linux", "linux-arm64"),
        [1008] = new("Linux", "linux-x64", IsDebian: true),
        [1009] = new("Linux", "linux-arm64", IsDebian: true),
        [1010] = new("macOS", "osx-x64"),
        [1011] = new("macOS", "osx-arm64"),
        [1012] = new("Windows", "win-x64"),
        [1013] = new("Windows", "win-arm64"),
    };

    private static readonly CometApiResponseMessage NoPackage = new(
        UnsupportedCalls.NotImplemented,
        "This server has no such package. Build it with deploy/build-packages.sh and name its directory in Halley:PackagesDirectory");

    public static void Map(CometMap<PackageCalls> map)
    {
        map.Open("admin/branding/available-platforms", "", (api, call) => api.ListAsync(call));
        map.Open("admin/branding/generate-client/test", "Platform int, SelfAddress?", (api, call) => api.TestAsync(call));
        map.Open(
            "admin/branding/generate-client/by-platform", "Platform int, SelfAddress?",
            (api, call) => api.DownloadAsync(PlatformOf(call), call));
        foreach (var (name, number) in new[]
        {
            ("linuxgeneric", 7), ("linux-deb", 1008), ("macos-x86_64", 1010), ("macos-arm64", 1011), ("windows-x86_64-zip", 1012),
            ("windows-anycpu-zip", 1012),
        })
        {
            map.Open(
                $"admin/branding/generate-client/{name}", "SelfAddress?", (api, call) => api.DownloadAsync(Platforms[number], call));
        }
    }

    private async Task<CometReply<Dictionary<long, AvailableDownload>>> ListAsync(CometCall call)
    {
        var list = await packages.FindListAsync(call.Aborted);
        return Platforms.Where(pair => list is not null && pair.Value.FindIn(list) is not null).ToDictionary(
            pair => pair.Key,
            pair => new AvailableDownload
            {
                Category = pair.Value.Category,
                Description = $"{pair.Value.Runtime}{(pair.Value.IsDebian ? ", Debian package" : ", archive")}",
                Recommended = pair.Value is { Runtime: "linux-x64", IsDebian: false } or { Category: not "Linux" },
            });
    }

    private async Task<CometApiResponseMessage> TestAsync(CometCall call)
    {
        var list = await packages.FindListAsync(call.Aborted);
        return list is not null && PlatformOf(call)?.FindIn(list) is not null ? CometApiResponseMessage.Ok : NoPackage;
    }

    private async Task<CometReply<CometRaw>> DownloadAsync(Platform? platform, CometCall call)
    {
        if (await packages.FindListAsync(call.Aborted) is not { } list || platform?.FindIn(list) is not { } file
            || await packages.OpenAsync(file.Name, call.Aborted) is not { } content)
        {
            return NoPackage;
        }

        return new CometRaw(CometRaw.Bytes, async (stream, cancellationToken) =>
        {
            await using (content)
            {
                await content.CopyToAsync(stream, cancellationToken);
            }
        });
    }

    private static Platform? PlatformOf(CometCall call) =>
        call.Form.TryInteger("Platform", absent: 0, out var number) ? Platforms.GetValueOrDefault(number) : null;

    private sealed record Platform(string Category, string Runtime, bool IsDebian = false)
    {
        public PackageFile? FindIn(PackageList list) =>
            IsDebian ? list.FindDebian(PackageFile.Client, Runtime) : list.FindArchive(PackageFile.Client, Runtime);
    }
}
