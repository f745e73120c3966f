namespace Halley.Protocol.Comet;

/// <summary>The vendor's plain answer: how a call ended. Also the only body of a call that failed.</summary>
/// <param name="Status">200 when it succeeded, otherwise 400, 403, 404, 449 or 500.</param>
/// <param name="Message">"OK", or what went wrong.</param>
public sealed record CometApiResponseMessage(int Status, string Message)
{
    /// <summary>The answer of a call that succeeded and has nothing else to say.</summary>
    public static readonly CometApiResponseMessage Ok = new(200, "OK");
}
