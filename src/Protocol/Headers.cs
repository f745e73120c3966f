namespace Halley.Protocol;

/// <summary>Headers of the API that are not those of HTTP itself.</summary>
public static class Headers
{
    /// <summary>
    /// With any POST of <c>/api/v2</c> whose caller is signed in: 1 to 200 printable ASCII characters, new for each request. A repetition
    /// of the same request with the same key within a day gets the same response, and nothing is done twice.
    /// </summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary><c>true</c> in a response that is repeated from an earlier request.</summary>
    public const string IdempotentReplayed = "Idempotent-Replayed";
}
