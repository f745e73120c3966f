namespace Halley.Protocol.Jobs;

/// <summary>What a job does.</summary>
public enum JobClassification : long
{
    /// <summary>No classification.</summary>
    None = 0,

    /// <summary>Something else.</summary>
    Unknown = 4000,

    /// <summary>A backup.</summary>
    Backup = 4001,

    /// <summary>A restore.</summary>
    Restore = 4002,

    /// <summary>Removes what retention does not keep.</summary>
    Retention = 4003,

    /// <summary>Removes locks of a vault.</summary>
    Unlock = 4004,

    /// <summary>Deletes a snapshot.</summary>
    DeleteSnapshot = 4005,

    /// <summary>Measures a vault.</summary>
    Measure = 4006,

    /// <summary>Updates the software of the device.</summary>
    Update = 4007,

    /// <summary>Imports settings of other software.</summary>
    Import = 4008,

    /// <summary>Rebuilds the indexes of a vault.</summary>
    Reindex = 4009,

    /// <summary>Reads and checks a whole vault.</summary>
    DeepVerify = 4010,

    /// <summary>Removes the software from the device.</summary>
    Uninstall = 4011,

    /// <summary>Restores files at random to nowhere and verifies them; only clients of Halley do that.</summary>
    RestoreDrill = 4900,

    /// <summary>Stores lost data of a vault again, from the files of the device; only clients of Halley do that.</summary>
    Healing = 4901,
}
