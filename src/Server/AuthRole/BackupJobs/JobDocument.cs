using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Server.Events;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The stored document of a job, sent without being parsed.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct StoredJob(string Document)
{
    private sealed class Converter : JsonConverter<StoredJob>
    {
        public override StoredJob Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Stored jobs are only written.");

        public override void Write(Utf8JsonWriter writer, StoredJob value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Document, skipInputValidation: true);
    }
}

/// <summary>Converts between a job's row and its document.</summary>
internal static class JobDocument
{
    public static BackupJobDetail Read(string document) => JsonSerializer.Deserialize<BackupJobDetail>(document, CometJson.Options)!;

    /// <summary>Writes a document into the row. The row keeps its id and owner.</summary>
    public static void Write(BackupJob job, BackupJobDetail detail)
    {
        detail.GUID = job.Id;
        detail.Username = job.Username;
        job.DeviceId = detail.DeviceID;
        job.SourceId = detail.SourceGUID;
        job.DestinationId = detail.DestinationGUID;
        job.Classification = detail.Classification;
        job.Status = detail.Status;
        job.StartTime = detail.StartTime;
        job.EndTime = detail.EndTime;
        job.TotalFiles = detail.TotalFiles;
        job.TotalSize = detail.TotalSize;
        job.UploadSize = detail.UploadSize;
        job.DownloadSize = detail.DownloadSize;
        job.Counter = Math.Max(job.Counter, detail.Progress.Counter);
        job.Revision++;
        job.Document = JsonSerializer.Serialize(detail, CometJson.Options);
    }
}

/// <summary>The events about jobs; their data is the whole record.</summary>
internal static class JobEvents
{
    public static EventRecord New(BackupJob job, DateTimeOffset at, string actor) => Of(StreamableEventType.JobNew, job, at, actor);

    public static EventRecord Completed(BackupJob job, DateTimeOffset at, string actor) =>
        Of(StreamableEventType.JobCompleted, job, at, actor);

    private static EventRecord Of(StreamableEventType type, BackupJob job, DateTimeOffset at, string actor) =>
        EventRecord.Of(type, at, actor, job.OrganizationId, job.Id, job.Document);
}
