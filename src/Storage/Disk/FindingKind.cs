using System.Text.Json.Serialization;

namespace Halley.Storage.Disk;

/// <summary>The kinds of fault that a file can have.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingKind>))]
public enum FindingKind
{
    /// <summary>Its content does not match its name. It is in quarantine, and devices store its data again.</summary>
    Corrupt = 0,

    /// <summary>The disk cannot read it. It is in quarantine where that was possible.</summary>
    Unreadable = 1,

    /// <summary>It is no file of a vault: it has a wrong folder or name, or a tool left it behind. It stays; no client sees it.</summary>
    Stray = 2,

    /// <summary>
    /// Two volumes have a config of the bucket, with different contents. Both stay: only a person can know which one is right.
    /// </summary>
    ConfigConflict = 3,

    /// <summary>It was on two volumes, whole on both; the older copy was deleted.</summary>
    Duplicate = 4,

    /// <summary>An unfinished upload that was left behind; it was deleted.</summary>
    Leftover = 5,
}
