namespace Halley.Server.Hosting;

/// <summary>
/// Refuses what a request does, from a place that every request passes and that cannot return a refusal. It is no fault of the program:
/// callers get the explanation, and the log no stack trace.
/// </summary>
internal sealed class RefusedException(ExplainedFailure failure) : Exception(failure.Detail)
{
    public ExplainedFailure Failure => failure;
}
