using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>A storage vault of a user: where it is, its key in wrapped form, its limits and statistics.</summary>
public class DestinationConfig : DestinationLocation
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    /// <summary>Unix seconds.</summary>
    public long ModifyTime { get; set; }

    public List<string> PreExec { get; set; } = [];
    public List<string> ThawExec { get; set; } = [];
    public List<string> PostExec { get; set; } = [];

    /// <summary>How <see cref="EncryptedEncryptionKey"/> is wrapped; 0 until a client has set the vault up.</summary>
    public ulong EncryptionKeyEncryptionMethod { get; set; }

    /// <summary>Key of the vault, wrapped by the client; opaque here.</summary>
    public string EncryptedEncryptionKey { get; set; } = "";

    /// <summary>Unix seconds; 0 until a client has set the vault up.</summary>
    public long RepoInitTimestamp { get; set; }

    public bool StorageLimitEnabled { get; set; }

    /// <summary>Bytes; counts when <see cref="StorageLimitEnabled"/>.</summary>
    public long StorageLimitBytes { get; set; }

    public DestinationStatistics Statistics { get; set; } = new();

    public RetentionPolicy DefaultRetention { get; set; } = new();

    /// <summary>True hides the provider from the user.</summary>
    public bool RebrandStorage { get; set; }

    /// <summary>Last trouble with retention, or empty.</summary>
    public string RetentionError { get; set; } = "";

    /// <summary>Devices that use the vault.</summary>
    public List<string> AssociatedDevices { get; set; } = [];

    /// <summary>Quota shared with other vaults, or empty.</summary>
    [OmitEmpty]
    public string StorageLimitID { get; set; } = "";
}

/// <summary>What clients measured of a vault.</summary>
public class DestinationStatistics : CometDocument
{
    public SizeMeasurement ClientProvidedSize { get; set; } = new();
    public ContentMeasurement ClientProvidedContent { get; set; } = new();

    [OmitEmpty, JsonPropertyName("LastSuccessfulDeepVerify_GUID")]
    public string LastSuccessfulDeepVerifyGUID { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    [OmitEmpty, JsonPropertyName("LastSuccessfulDeepVerify_StartTime")]
    public long LastSuccessfulDeepVerifyStartTime { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    [OmitEmpty, JsonPropertyName("LastSuccessfulDeepVerify_EndTime")]
    public long LastSuccessfulDeepVerifyEndTime { get; set; }
}

/// <summary>A measurement of a vault that tells what uses its bytes.</summary>
public class ContentMeasurement : CometDocument
{
    /// <summary>Unix seconds; 0 is never.</summary>
    public long MeasureStarted { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long MeasureCompleted { get; set; }

    public List<ContentMeasurementComponent> Components { get; set; } = [];
}

/// <summary>
/// A part of a vault, and who uses it: <c>source/CURRENT</c>, <c>source/HISTORIC</c>, <c>TRUNCATED/…</c>; nobody when the list is empty.
/// </summary>
public class ContentMeasurementComponent : CometDocument
{
    public long Bytes { get; set; }
    public List<string> UsedBy { get; set; } = [];
}

/// <summary>The vendor's measurement of a size.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="MeasureStarted">Unix seconds; 0 when it was never measured.</param>
/// <param name="MeasureCompleted">Unix seconds; 0 when it was never measured.</param>
public sealed record SizeMeasurement(long Size = 0, long MeasureStarted = 0, long MeasureCompleted = 0);
