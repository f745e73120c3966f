using Halley.Protocol.Organizations;

namespace Halley.Server.Organizations;

/// <summary>A rule that an organization's document must meet. Each folder registers one for the part it reads.</summary>
internal abstract class OrganizationRule
{
    /// <summary>Why the document cannot be stored, or null.</summary>
    public abstract string? Check(Organization document);
}
