using Halley.Protocol.Comet;
using Halley.Server.Events;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The events that tell of jobs; their data is the whole record.</summary>
internal static class JobEvents
{
    public static EventRecord New(BackupJob job, DateTimeOffset at, string actor) => Of(StreamableEventType.JobNew, job, at, actor);

    public static EventRecord Completed(BackupJob job, DateTimeOffset at, string actor) => Of(StreamableEventType.JobCompleted, job, at, actor);

    private static EventRecord Of(StreamableEventType type, BackupJob job, DateTimeOffset at, string actor) =>
        EventRecord.Of(type, at, actor, job.OrganizationId, job.Id, job.Document);
}
