using Halley.Protocol.Live;

namespace Halley.Server.Tests.Live;

/// <summary>What a device that can do everything answers.</summary>
internal static class DeviceAnswers
{
    public static object To(string kind) => kind switch
    {
        CommandKinds.ListSnapshots => new List<VaultSnapshot> { new() { Snapshot = "s1", Source = "item", CreateTime = 1_760_000_000 } },
        CommandKinds.ListStored or CommandKinds.BrowseFiles => new List<StoredObject> { new() { Name = "letters", Type = "dir", Subtree = "t1" } },
        CommandKinds.SearchSnapshots => new Dictionary<string, List<SearchResultFileInfo>> { ["s1"] = [new() { Path = "/x.txt", Name = "x.txt", Type = "file" }] },
        CommandKinds.ListImportSources => new Dictionary<string, string> { ["1"] = "Another" },
        _ => new StartedJob("the-job"),
    };
}
