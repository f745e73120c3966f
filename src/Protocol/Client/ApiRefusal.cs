namespace Halley.Protocol.Client;

/// <summary>The reason why the server refused a request: the ProblemDetails of its response.</summary>
/// <param name="Status">The HTTP status, 300 to 599.</param>
/// <param name="Code">The stable code; empty when the response is not from a Halley server.</param>
/// <param name="Detail">A sentence for people; may be empty.</param>
public sealed record ApiRefusal(int Status, string Code, string Detail)
{
    /// <summary>True when the server has no such thing; false when it does not even know the path.</summary>
    public bool IsMissing => Status == 404 && Code is not ("" or "not_found");

    /// <summary>True when the same request may succeed later without any intervention.</summary>
    public bool IsTransient => Status is 408 or 425 or 429 or (>= 500 and not (501 or 505 or 507));
}
