using System.Net;
using System.Security.Claims;
using Halley.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Credentials;

/// <summary>
/// A kind of caller that has sessions: administrators and backup users. Both kinds share the route that starts sessions and the header that
/// carries their keys. Neither kind knows the other.
/// </summary>
internal interface ISessionKind
{
    /// <summary>True if only this kind can sign in with the request.</summary>
    bool IsFor(StartSession request);

    /// <summary>True for a name of this kind. Never revealed to clients: it only decides whose credentials are checked.</summary>
    Task<bool> KnowsAsync(string username, CancellationToken cancellationToken);

    /// <summary>Checks the credentials and starts a session. A refusal takes the same time for every name.</summary>
    Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(StartSession request, HttpContext context);

    /// <summary>The caller whose session the key belongs to; null if it is not a key of this kind.</summary>
    Task<ClaimsPrincipal?> UseAsync(string key, IPAddress? client, string scheme, CancellationToken cancellationToken);
}
