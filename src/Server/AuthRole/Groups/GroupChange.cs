namespace Halley.Server.AuthRole.Groups;

/// <summary>How a change of a group ended: what it is now, or why it was refused.</summary>
internal sealed record GroupChange(StoredUserGroup? Value, string? Reason = null)
{
    public static readonly GroupChange NotFound = new(null, "There is no group with this id.");
    public static readonly GroupChange Taken = new(null, "The id is taken; choose another one.");

    public static GroupChange Refused(string reason) => new(null, reason);
}
