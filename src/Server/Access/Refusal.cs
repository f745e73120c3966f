namespace Halley.Server.Access;

/// <summary>
/// Why an operation was not done. An operation without a result returns null on success; one with a result returns
/// <see cref="Outcome{T}"/>.
/// </summary>
/// <param name="Kind">The kind of refusal; each surface maps kinds to its own responses in one place.</param>
/// <param name="Code">A stable code for programs, in lower case with underscores.</param>
/// <param name="Reason">A sentence that says what the caller can do about it.</param>
internal sealed record Refusal(RefusalKind Kind, string Code, string Reason)
{
    /// <summary>When the caller should try again; null if unknown, or if that would not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Refusal Invalid(string code, string reason) => new(RefusalKind.Invalid, code, reason);

    public static Refusal Forbidden(string code, string reason) => new(RefusalKind.Forbidden, code, reason);

    public static Refusal NotFound(string code, string reason) => new(RefusalKind.NotFound, code, reason);

    public static Refusal Conflict(string code, string reason) => new(RefusalKind.Conflict, code, reason);

    public static Refusal Stale(string code, string reason) => new(RefusalKind.Stale, code, reason);

    public static Refusal Busy(string code, string reason, TimeSpan retryAfter) =>
        new(RefusalKind.Busy, code, reason) { RetryAfter = retryAfter };

    public static Refusal Unavailable(string code, string reason) => new(RefusalKind.Unavailable, code, reason);
}

/// <summary>The kinds of refusal that every surface knows.</summary>
internal enum RefusalKind
{
    /// <summary>The request itself is invalid: 400.</summary>
    Invalid,

    /// <summary>The caller lacks the right or the proof: 403.</summary>
    Forbidden,

    /// <summary>The resource does not exist within what the caller may see: 404.</summary>
    NotFound,

    /// <summary>The state of the resource does not allow the operation: 409.</summary>
    Conflict,

    /// <summary>The resource has changed since the caller read it: 412.</summary>
    Stale,

    /// <summary>The server is busy with the same kind of request: 429.</summary>
    Busy,

    /// <summary>Something that the operation needs is offline: 503.</summary>
    Unavailable,
}
