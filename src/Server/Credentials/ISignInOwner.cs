using System.Linq.Expressions;
using Halley.Protocol.Events;

namespace Halley.Server.Credentials;

/// <summary>A kind of caller that signs in with a credential of its own: an administrator or a backup user.</summary>
internal interface ISignInOwner<TSelf>
{
    Guid Id { get; }

    /// <summary>Wrong credentials since the last right one.</summary>
    int FailedSignIns { get; }

    /// <summary>End of the lock that too many wrong credentials caused; null if there was none.</summary>
    DateTime? LockedUntil { get; }

    /// <summary>The last sign-in, exact to about a minute.</summary>
    DateTime? LastSignInAt { get; }

    static abstract SignInEvents Events { get; }

    /// <summary>What events and logs say of the owner, without its other columns.</summary>
    static abstract Expression<Func<TSelf, SignInSubject>> Subject { get; }
}

/// <summary>What is recorded about the sign-ins of one kind of owner.</summary>
/// <param name="Kind">The kind as log lines name it.</param>
/// <param name="Failed">A wrong credential for an existing name.</param>
/// <param name="SessionRevoked">A session was ended.</param>
/// <param name="SessionExpired">A session ended because it was unused or too old.</param>
internal sealed record SignInEvents(
    string Kind, StreamableEventType Failed, StreamableEventType SessionRevoked, StreamableEventType SessionExpired);

/// <summary>One owner, as events and logs name it.</summary>
internal sealed record SignInSubject(Guid Id, string Name, string OrganizationId);
