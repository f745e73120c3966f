namespace Halley.Server.Hosting;

/// <summary>Explains a failure whose cause a part of the product knows; null for any other.</summary>
internal delegate ExplainedFailure? FailureExplanation(Exception failure);

/// <summary>A failure with a status, a code for programs, and a sentence that tells people what to do.</summary>
internal sealed record ExplainedFailure(int Status, string Code, string Detail)
{
    /// <summary>The explanation of a part of the product; null for a fault of the program.</summary>
    public static ExplainedFailure? Of(IServiceProvider services, Exception failure) =>
        (failure as RefusedException)?.Failure
            ?? services.GetServices<FailureExplanation>().Select(explain => explain(failure)).FirstOrDefault(found => found is not null);
}
