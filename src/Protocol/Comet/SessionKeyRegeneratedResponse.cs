namespace Halley.Protocol.Comet;

/// <summary>The vendor's answer to the start of a session.</summary>
/// <param name="Status">Always 200.</param>
/// <param name="Message">Always "OK".</param>
/// <param name="SessionKey">The key, to be sent with <c>AuthType=SessionKey</c>.</param>
/// <param name="SessionType"><c>admin</c> or <c>user</c>.</param>
public sealed record SessionKeyRegeneratedResponse(int Status, string Message, string SessionKey, string SessionType);
