using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Tasks;

/// <summary>A stored task, with everything that is needed to continue it after a crash.</summary>
internal sealed class TaskRecord
{
    public const int LongestProblem = 1000;

    public required Guid Id { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    /// <summary>The request, as JSON in the format of its kind.</summary>
    public required string Parameters { get; init; }

    /// <summary>The last checkpoint, as JSON in the format of its kind; null before the first.</summary>
    public string? Checkpoint { get; set; }

    public TaskState State { get; set; }

    public long FilesDone { get; set; }

    public long? FilesTotal { get; set; }

    public long BytesDone { get; set; }

    public long? BytesTotal { get; set; }

    public long? MaxBytesPerSecond { get; set; }

    public string? Problem { get; set; }

    public required DateTime CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTime? EndedAt { get; set; }

    public bool IsUnfinished => State is TaskState.Running or TaskState.Paused or TaskState.Failed;

    public TaskInfo ToWire(TaskRun? run) => new(
        Id, Kind, Subject, State, run?.FilesDone ?? FilesDone, run is null ? FilesTotal : run.FilesTotal, run?.BytesDone ?? BytesDone,
        run is null ? BytesTotal : run.BytesTotal, run?.BytesPerSecond, run?.SecondsLeft, MaxBytesPerSecond, Problem, CreatedAt, CreatedBy,
        EndedAt);
}

/// <summary>A line of a task's log.</summary>
internal sealed class TaskLogLine
{
    public long Sequence { get; set; }

    public required Guid TaskId { get; init; }

    public required DateTime At { get; init; }

    public required string Text { get; init; }
}

internal sealed class TaskRecordMapping : IEntityTypeConfiguration<TaskRecord>
{
    public void Configure(EntityTypeBuilder<TaskRecord> builder)
    {
        builder.ToTable("Tasks");
        builder.Property(task => task.Kind).HasMaxLength(40);
        builder.Property(task => task.Subject).HasMaxLength(255);
        builder.Property(task => task.Problem).HasMaxLength(TaskRecord.LongestProblem);
        builder.Property(task => task.CreatedBy).HasMaxLength(255);
        builder.HasIndex(task => new { task.CreatedAt, task.Id });
        builder.HasIndex(task => task.State);
        builder.Ignore(task => task.IsUnfinished);
    }
}

internal sealed class TaskLogLineMapping : IEntityTypeConfiguration<TaskLogLine>
{
    public void Configure(EntityTypeBuilder<TaskLogLine> builder)
    {
        builder.ToTable("TaskLog");
        builder.HasKey(line => line.Sequence);
        builder.HasIndex(line => new { line.TaskId, line.Sequence });
        builder.HasOne<TaskRecord>().WithMany().HasForeignKey(line => line.TaskId).OnDelete(DeleteBehavior.Cascade);
    }
}
