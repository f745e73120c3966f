namespace Halley.Protocol.Comet;

/// <summary>The vendor's description of a bucket.</summary>
/// <param name="OrganizationID">Tenant the bucket belongs to; empty for the top-level one.</param>
/// <param name="CreateTime">Unix seconds.</param>
/// <param name="ReadWriteKeyFormat">Format of <paramref name="ReadWriteKey"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
/// <param name="ReadWriteKey">Hash of the bucket's oldest key; empty when it has none.</param>
/// <param name="Size">Its size as last measured.</param>
public sealed record BucketProperties(
    string OrganizationID, long CreateTime, int ReadWriteKeyFormat, string ReadWriteKey, SizeMeasurement Size);

/// <summary>The vendor's measurement of a size.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="MeasureStarted">Unix seconds; 0 when it was never measured.</param>
/// <param name="MeasureCompleted">Unix seconds; 0 when it was never measured.</param>
public sealed record SizeMeasurement(long Size = 0, long MeasureStarted = 0, long MeasureCompleted = 0);

/// <summary>The vendor's answer to a bucket that was made.</summary>
/// <param name="Status">Always 200.</param>
/// <param name="Message">Always "OK".</param>
/// <param name="NewBucketID">Its id.</param>
/// <param name="NewBucketKey">Its pre-shared key, shown once; empty when the caller gave a hash.</param>
public sealed record AddBucketResponseMessage(int Status, string Message, string NewBucketID, string NewBucketKey);
