using Halley.Protocol.Live;

namespace Halley.Server.Tests.Live;

/// <summary>What a device that can do everything answers.</summary>
internal static class DeviceAnswers
{
    public static object To(string kind) => kind switch
    {
        "list-snapshots" => new List<VaultSnapshot> { new() { Snapshot = "s1", Source = "item", CreateTime = 1_760_000_000 } },
        "list-stored" or "browse-files" => new List<StoredObject> { new() { Name = "letters", Type = "dir", Subtree = "t1" } },
        "search-snapshots" =>
            new Dictionary<string, List<SearchResultFileInfo>> { ["s1"] = [new() { Path = "/x.txt", Name = "x.txt", Type = "file" }] },
        "list-import-sources" => new Dictionary<string, string> { ["1"] = "Another" },
        _ => new StartedJob("the-job"),
    };

    /// <summary>What an answer lacks.</summary>
    public static string NoteOn(string kind) => kind == "search-snapshots" ? "Only the first files are listed." : "";
}
