namespace Halley.Protocol;

/// <summary>Requests a new group of accounts.</summary>
/// <param name="Name">Name for people, 1 to 200 characters.</param>
/// <param name="OrganizationId">Organization it is for; null or empty for the caller's own.</param>
public sealed record CreateUserGroup(string? Name, string? OrganizationId = null);

/// <summary>Changes to a group; null leaves a value unchanged.</summary>
/// <param name="Name">Name for people, 1 to 200 characters.</param>
/// <param name="Members">Usernames of all its accounts; accounts that are not listed leave the group.</param>
public sealed record UpdateUserGroup(string? Name = null, IReadOnlyList<string>? Members = null);

/// <summary>A group of accounts.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="OrganizationId">Organization it belongs to; empty for the top level.</param>
/// <param name="CreatedAt">UTC time at which it was made.</param>
public sealed record UserGroupInfo(string Id, string Name, string OrganizationId, DateTime CreatedAt);

/// <summary>A group with its members.</summary>
/// <param name="Info">Its name and its organization.</param>
/// <param name="Members">Usernames of its accounts, in order.</param>
public sealed record UserGroupDetail(UserGroupInfo Info, IReadOnlyList<string> Members);
