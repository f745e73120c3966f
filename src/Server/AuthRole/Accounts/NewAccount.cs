using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>An account that somebody wants: with a password or an L-key, or with a whole profile that has its hash.</summary>
internal sealed record NewAccount(string Username, string OrganizationId)
{
    public string? Password { get; init; }

    /// <summary>48 lower-case hex digits, which only clients make.</summary>
    public string? LKey { get; init; }

    /// <summary>True: the server keeps the R-key of the password, so that it can be reset without the old one.</summary>
    public bool KeepRecovery { get; init; }

    public string AccountName { get; init; } = "";

    public bool RequirePasswordChange { get; init; }

    /// <summary>The profile it begins with; null for an empty one with defaults.</summary>
    public UserProfileConfig? Profile { get; init; }
}

internal enum AccountChangeResult
{
    Done,
    NotFound,
    NameTaken,

    /// <summary>The reason says what is wrong with the request.</summary>
    Refused,

    /// <summary>The old password is wrong, or may not be tried now.</summary>
    WrongPassword,

    /// <summary>Another state of the profile than the one the caller saw.</summary>
    Stale,

    /// <summary>Too many passwords are being computed; try again in a moment.</summary>
    Busy,
}

/// <summary>What became of a new account or of a change of one.</summary>
internal sealed record AccountChange(AccountChangeResult Result, StoredProfile? Stored = null, string? Reason = null)
{
    public static readonly AccountChange NotFound = new(AccountChangeResult.NotFound, Reason: "There is no such account.");
    public static readonly AccountChange Busy = new(AccountChangeResult.Busy, Reason: "Too many passwords are being computed; try again in a few seconds.");

    public static AccountChange Refused(string reason) => new(AccountChangeResult.Refused, Reason: reason);

    public static AccountChange Of(ProfileChange change) => change.Result switch
    {
        ProfileChangeResult.Saved => new AccountChange(AccountChangeResult.Done, change.Stored),
        ProfileChangeResult.NotFound => NotFound,
        ProfileChangeResult.Stale => new AccountChange(
            AccountChangeResult.Stale, Reason: "Somebody else has changed the profile; read it again and repeat the change on it."),
        _ => Refused(change.Reason!),
    };
}

/// <summary>
/// Fills the profile of a new account with what its tenant gives by default, such as the policy. Returns why the account cannot be made, or null.
/// </summary>
internal delegate Task<string?> FillNewProfile(
    ServerDbContext database, string organizationId, UserProfileConfig profile, CancellationToken cancellationToken);
