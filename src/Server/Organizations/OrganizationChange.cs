namespace Halley.Server.Organizations;

/// <summary>How a change of a tenant ended: what it is now, or why it was refused.</summary>
internal sealed record OrganizationChange(KnownOrganization? Value, string? Code = null, string? Reason = null, bool IsConflict = false)
{
    public static readonly OrganizationChange NotFound = new(null, "organization_not_found", "There is no organization with this id.");

    public bool IsMissing => ReferenceEquals(this, NotFound);

    public static OrganizationChange Refused(string code, string reason, bool isConflict = false) => new(null, code, reason, isConflict);
}
