using System.Security.Claims;

namespace Halley.Server.Events;

/// <summary>
/// What an open stream depends on, as a text: the session or token its listener came with, and what he may see. Null when he may not go on;
/// another text than before means that he has to come again, and is then asked who he is.
/// </summary>
internal delegate Task<string?> ListenerMark(ClaimsPrincipal listener, CancellationToken cancellationToken);
