using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Live;

/// <summary>A snapshot in a vault.</summary>
public class VaultSnapshot : CometDocument
{
    /// <summary>Its id.</summary>
    public string Snapshot { get; set; } = "";

    /// <summary>Kind of what was backed up, such as <c>engine1/file</c>.</summary>
    public string EngineType { get; set; } = "";

    /// <summary>Id of the protected item.</summary>
    public string Source { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    /// <summary>True when it can be restored to where it was.</summary>
    public bool HasOriginalPathInfo { get; set; }

    [OmitEmpty]
    public List<string> Tags { get; set; } = [];
}

/// <summary>A file or folder.</summary>
public class StoredObject : CometDocument
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    [JsonPropertyName("mtime")]
    public long ModifyTime { get; set; }

    /// <summary>Such as <c>file</c>, <c>dir</c> or <c>symlink</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    /// <summary>What to ask for to see what is in it; empty for files.</summary>
    [JsonPropertyName("subtree")]
    public string Subtree { get; set; } = "";

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")]
    public ulong Size { get; set; }

    [OmitEmpty, JsonPropertyName("dname")]
    public string DisplayName { get; set; } = "";

    [OmitEmpty, JsonPropertyName("itemClass")]
    public string ItemClass { get; set; } = "";

    [OmitEmpty, JsonPropertyName("from")]
    public string From { get; set; } = "";

    [OmitEmpty, JsonPropertyName("to")]
    public string To { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    [OmitEmpty, JsonPropertyName("rtime")]
    public long ReceivedDateTime { get; set; }

    [OmitEmpty, JsonPropertyName("has_attachments")]
    public bool HasAttachments { get; set; }

    /// <summary>Unix seconds.</summary>
    [OmitEmpty, JsonPropertyName("stime")]
    public long StartTime { get; set; }

    /// <summary>Unix seconds.</summary>
    [OmitEmpty, JsonPropertyName("etime")]
    public long EndTime { get; set; }

    /// <summary>True when the three counts below are known.</summary>
    [OmitEmpty, JsonPropertyName("r")]
    public bool RecursiveCountKnown { get; set; }

    [OmitEmpty, JsonPropertyName("f")]
    public ulong RecursiveFiles { get; set; }

    [OmitEmpty, JsonPropertyName("b")]
    public ulong RecursiveBytes { get; set; }

    [OmitEmpty, JsonPropertyName("d")]
    public ulong RecursiveFolders { get; set; }
}

/// <summary>A file that was found in a snapshot.</summary>
public class SearchResultFileInfo : CometDocument
{
    [JsonPropertyName("path")]
    public string Path { get; set; } = "";

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [OmitEmpty, JsonPropertyName("mode")]
    public string Mode { get; set; } = "";

    /// <summary>RFC 3339, as are the other two.</summary>
    [OmitEmpty, JsonPropertyName("mtime")]
    public string ModTime { get; set; } = "";

    [OmitEmpty, JsonPropertyName("atime")]
    public string AccessTime { get; set; } = "";

    [OmitEmpty, JsonPropertyName("ctime")]
    public string ChangeTime { get; set; } = "";

    /// <summary>Bytes.</summary>
    [OmitEmpty, JsonPropertyName("size")]
    public ulong Size { get; set; }
}
