using System.Text.Json;

namespace Halley.Protocol;

/// <summary>Requests a new policy.</summary>
/// <param name="Id">Requested id, at most 128 characters; null or empty for a random one.</param>
/// <param name="Description">Name for people, at most 1000 characters.</param>
/// <param name="Rules">The rules, as <c>UserPolicy</c> of <c>/api/v1</c>; null for none.</param>
/// <param name="IsDefault">True: new accounts of the organization follow it instead of the previous default.</param>
/// <param name="OrganizationId">Organization it is for; null or empty for the caller's own.</param>
public sealed record CreatePolicy(
    string? Id, string? Description, JsonElement? Rules, bool IsDefault = false, string? OrganizationId = null);

/// <summary>A policy's whole new state.</summary>
/// <param name="Description">Name for people, at most 1000 characters.</param>
/// <param name="Rules">The rules, as <c>UserPolicy</c> of <c>/api/v1</c>; null for none.</param>
/// <param name="IsDefault">True: new accounts of the organization follow it, and no longer the one before.</param>
/// <param name="DeleteSources">
/// Ids of default protected items that accounts lose permanently; other items removed from the policy stay in the accounts.
/// </param>
public sealed record ReplacePolicy(
    string? Description, JsonElement? Rules, bool IsDefault = false, IReadOnlyList<string>? DeleteSources = null);

/// <summary>A policy without its rules.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">Name for people.</param>
/// <param name="OrganizationId">Organization whose accounts may follow it; empty for the top level.</param>
/// <param name="IsDefault">True for the one that new accounts of the organization follow.</param>
/// <param name="CreatedAt">UTC time at which it was made.</param>
/// <param name="ModifiedAt">UTC time of its last change.</param>
public sealed record PolicyInfo(
    string Id, string Description, string OrganizationId, bool IsDefault, DateTime CreatedAt, DateTime ModifiedAt);

/// <summary>A policy with its rules; the ETag of the response identifies its state.</summary>
/// <param name="Info">Its name and its organization.</param>
/// <param name="Rules">The rules, as <c>UserPolicy</c> of <c>/api/v1</c>.</param>
public sealed record PolicyDetail(PolicyInfo Info, JsonElement Rules);
