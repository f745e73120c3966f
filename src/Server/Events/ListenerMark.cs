using System.Security.Claims;

namespace Halley.Server.Events;

/// <summary>
/// The state that an open stream depends on, as text: the session or token of its listener, and the listener's rights. Null means that the
/// listener may not continue. A changed text means that it must reconnect and authenticate again.
/// </summary>
internal delegate Task<string?> ListenerMark(ClaimsPrincipal listener, CancellationToken cancellationToken);
