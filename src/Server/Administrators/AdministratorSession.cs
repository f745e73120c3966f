using Halley.Server.Credentials;

namespace Halley.Server.Administrators;

/// <summary>A session of an administrator.</summary>
internal sealed class AdministratorSession : CallerSession
{
    /// <summary>True until the second factor is given; until then the session can only be completed.</summary>
    public bool IsPending { get; set; }
}

internal sealed class AdministratorSessionMapping()
    : CallerSessionMapping<AdministratorSession, Administrator>("AdministratorSessions");
