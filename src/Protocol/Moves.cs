namespace Halley.Protocol;

/// <summary>How files are to be moved between volumes.</summary>
/// <param name="Apply">False only plans, which changes nothing; true starts the task.</param>
/// <param name="Targets">Ids of the volumes that may take files; null for all that are writable.</param>
/// <param name="HighWaterPercent">
/// No target is filled beyond this share of its file system, 1 to 100; 95 by default. The reserve is kept in any case.
/// </param>
/// <param name="MaxBytesPerSecond">Most bytes a second; null or 0 for as fast as clients leave room for.</param>
public sealed record MoveRequest(
    bool Apply = false, IReadOnlyList<Guid>? Targets = null, double HighWaterPercent = 95, long? MaxBytesPerSecond = null);

/// <summary>The plan of a move, and the task that carries it out.</summary>
/// <param name="Files">Files that are to be moved; null when only bytes are planned, as for a rebalance.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Fits">True when the targets have room for all of them.</param>
/// <param name="SecondsEstimated">
/// Estimated duration, by the limit or by the rate of earlier moves on this server; null when neither is known.
/// </param>
/// <param name="Volumes">The result for each volume.</param>
/// <param name="Task">The task; null when it was only planned, or when there is nothing to do.</param>
public sealed record MovePlan(
    long? Files, long Bytes, bool Fits, long? SecondsEstimated, IReadOnlyList<MovePlanVolume> Volumes, TaskInfo? Task = null);

/// <summary>A volume in a plan.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Path">Its directory.</param>
/// <param name="Bytes">
/// Bytes moved to it; negative when they leave it. The target of each file is chosen at random, weighted by room.
/// </param>
/// <param name="FillPercentBefore">Share of its file system that is used now.</param>
/// <param name="FillPercentAfter">Share that will be used.</param>
public sealed record MovePlanVolume(Guid Id, string Path, long Bytes, double FillPercentBefore, double FillPercentAfter);
