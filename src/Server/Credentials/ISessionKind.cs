using System.Net;
using System.Security.Claims;
using Halley.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Credentials;

/// <summary>
/// A kind of callers that have sessions: administrators, and backup users. They share the address at which sessions start and the header
/// that carries their keys, and know nothing of each other.
/// </summary>
internal interface ISessionKind
{
    /// <summary>True when only this kind can sign in with what was sent.</summary>
    bool IsFor(StartSession request);

    /// <summary>True for a name of this kind. Never answered to anybody: it only decides whose credentials to look at.</summary>
    Task<bool> KnowsAsync(string username, CancellationToken cancellationToken);

    /// <summary>Checks the credentials and starts a session. A refusal takes as long for every name.</summary>
    Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(StartSession request, HttpContext context);

    /// <summary>Whose session a key is; null when it is none of this kind.</summary>
    Task<ClaimsPrincipal?> UseAsync(string key, IPAddress? client, string scheme, CancellationToken cancellationToken);
}
