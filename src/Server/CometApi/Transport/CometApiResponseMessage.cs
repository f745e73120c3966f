namespace Halley.Server.CometApi.Transport;

/// <summary>The vendor's plain response: the result of a call. Also the only body of a failed call.</summary>
/// <param name="Status">200 when it succeeded, otherwise 400, 403, 404, 409, 449, 500, 501, 502, 503 or 504.</param>
/// <param name="Message">"OK", or the reason for the failure.</param>
internal sealed record CometApiResponseMessage(int Status, string Message) : ICometReply<CometApiResponseMessage>
{
    /// <summary>The response of a successful call without content.</summary>
    public static readonly CometApiResponseMessage Ok = new(200, "OK");

    public static Type Content => typeof(CometApiResponseMessage);

    object ICometReply<CometApiResponseMessage>.Body => this;

    public static CometApiResponseMessage Refuse(CometApiResponseMessage refusal) => refusal;
}
