namespace Halley.Protocol;

/// <summary>Asks for an administrator's session.</summary>
/// <param name="Username">Name of the administrator, compared without regard to case.</param>
/// <param name="Password">The administrator's password.</param>
public sealed record StartSession(string Username, string Password);

/// <summary>A session that was started. The key is shown here and never again; the server keeps only its SHA-256.</summary>
/// <param name="SessionKey">256 random bits as 64 lower-case hex digits; send it as <c>Authorization: Bearer</c>.</param>
/// <param name="Username">The administrator's name as it was registered.</param>
/// <param name="ExpiresAt">UTC time at which the session ends if it is not used before; each use moves it.</param>
/// <param name="EndsAt">UTC time at which the session ends even when it is used.</param>
public sealed record SessionStarted(string SessionKey, string Username, DateTime ExpiresAt, DateTime EndsAt);
