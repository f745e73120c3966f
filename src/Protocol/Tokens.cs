namespace Halley.Protocol;

/// <summary>Requests an API token: a credential of a program that acts for the administrator that creates it.</summary>
/// <param name="Name">Its purpose; 1 to 100 characters.</param>
/// <param name="Scopes">
/// Its rights, at least one of: <c>read</c> (GET and HEAD of everything), <c>full</c>, or an area (<c>accounts</c>, <c>buckets</c>,
/// <c>jobs</c>: everything below that address). None of them reaches tokens, sessions or second factors.
/// </param>
/// <param name="ExpiresAt">UTC time from which it is refused, at most a year ahead; null when it does not expire.</param>
public sealed record CreateToken(string Name, IReadOnlyList<string> Scopes, DateTime? ExpiresAt = null);

/// <summary>A token, without its text.</summary>
/// <param name="Id">Its id, by which it can be revoked.</param>
/// <param name="Name">Its purpose.</param>
/// <param name="Scopes">Its rights; see <see cref="CreateToken"/>.</param>
/// <param name="CreatedAt">UTC time at which it was created.</param>
/// <param name="ExpiresAt">UTC time from which it is refused; null when it does not expire.</param>
/// <param name="LastUsedAt">UTC time of its last use, exact to about a minute; null when it was never used.</param>
public sealed record TokenInfo(
    Guid Id, string Name, IReadOnlyList<string> Scopes, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt);

/// <summary>A token that was made.</summary>
/// <param name="Token">
/// The text to send as <c>Authorization: Bearer</c>; shown here and never again, the server keeps only its SHA-256.
/// </param>
/// <param name="Info">The token, as it will be listed.</param>
public sealed record TokenCreated(string Token, TokenInfo Info);
