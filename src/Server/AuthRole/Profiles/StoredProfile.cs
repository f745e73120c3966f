using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>A profile as it was read: the whole document, the hash of its state, and the account it belongs to.</summary>
internal sealed record StoredProfile(Account Account, UserProfileConfig Profile)
{
    public string Hash => Account.ProfileHash;
}

internal enum ProfileChangeResult
{
    Saved,

    /// <summary>No such account, or outside the caller's tenant.</summary>
    NotFound,

    /// <summary>The profile is no longer in the state whose hash the caller gave.</summary>
    Stale,

    /// <summary>The document cannot be stored; the reason says why.</summary>
    Refused,
}

/// <summary>How a change of a profile ended; <paramref name="Stored"/> is what is stored now when it was saved.</summary>
internal sealed record ProfileChange(ProfileChangeResult Result, StoredProfile? Stored = null, string? Reason = null)
{
    public static readonly ProfileChange NotFound = new(ProfileChangeResult.NotFound);
    public static readonly ProfileChange Stale = new(ProfileChangeResult.Stale);

    public static ProfileChange Refused(string reason) => new(ProfileChangeResult.Refused, Reason: reason);
}
