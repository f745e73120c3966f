using Halley.Protocol.Jobs;

namespace Halley.Protocol;

/// <summary>Entries to be appended to the log of a job.</summary>
/// <param name="First">
/// Number of the first of these entries in the whole log, from 0; entries the server has already are not stored again.
/// </param>
/// <param name="Entries">The entries in order, at most 10 000 at once.</param>
public sealed record AppendJobLog(long First, IReadOnlyList<JobEntry> Entries);
