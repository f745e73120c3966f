using Halley.Protocol.Jobs;

namespace Halley.Client.Agent.Running;

/// <summary>Ends a job. The message becomes the last line of its log.</summary>
/// <param name="status">How it ended.</param>
/// <param name="message">Why, as a sentence for people.</param>
internal sealed class JobStop(JobStatus status, string message) : Exception(message)
{
    public JobStatus Status => status;
}
